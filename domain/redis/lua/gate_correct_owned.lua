-- Sets one shopper's count, with what that shopper's tickets of a moment ago may still become. It answers how many
-- units those are.
-- KEYS: the gate, shoppers' units, pending tickets. ARGV: shopper, units, age in ms up to which a pending ticket counts on top.
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
local time = redis.call('TIME')
local recent = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], time[1] * 1000 - ARGV[3], '+inf')) do
  local quantity, user = string.match(member, '^%d+:(%d+):(.*)$')
  if user == ARGV[1] then recent = recent + quantity end
end
local units = ARGV[2] + recent
if units > 0 then redis.call('HSET', KEYS[2], ARGV[1], units) else redis.call('HDEL', KEYS[2], ARGV[1]) end
redis.call('HINCRBY', KEYS[1], 'changes', 1)
return recent
