-- Sets what is left and what shoppers own, unless the gate has changed since the snapshot; then it answers 0. KEYS: the gate,
-- shoppers' units. ARGV: changes of the snapshot, left, channel, product, shopper, units, shopper, units, …
if redis.call('HEXISTS', KEYS[1], 'left') == 0 or redis.call('HGET', KEYS[1], 'changes') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'left', ARGV[2])
for i = 5, #ARGV, 2 do
  if tonumber(ARGV[i + 1]) > 0 then redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) else redis.call('HDEL', KEYS[2], ARGV[i]) end
end
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1
