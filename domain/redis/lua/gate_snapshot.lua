-- Drops the tickets that nobody has made an order of, so that their shoppers may have others, and answers
-- {left, changes, limit, pending tickets, shoppers with their units, opens, closes}.
-- KEYS: the gate, shoppers' units, pending tickets. ARGV: age in ms from which a pending ticket is abandoned.
local gate = redis.call('HMGET', KEYS[1], 'left', 'changes', 'limit', 'opens', 'closes')
if not gate[1] then return {} end
local time = redis.call('TIME')
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', time[1] * 1000 - ARGV[1])) do
  local quantity, user = string.match(member, '^%d+:(%d+):(.*)$')
  if redis.call('HEXISTS', KEYS[2], user) == 1 then redis.call('HINCRBY', KEYS[2], user, -quantity) end
  redis.call('ZREM', KEYS[3], member)
end
local owned = {}
if tonumber(gate[3]) > 0 then owned = redis.call('HGETALL', KEYS[2]) end
return {gate[1], gate[2], gate[3], redis.call('ZRANGE', KEYS[3], 0, -1), owned, gate[4], gate[5]}
