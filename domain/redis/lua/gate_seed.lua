-- Opens a gate that is not there; of several at once the first wins.
-- KEYS: the gate, shoppers' units, pending tickets. ARGV: left, last ticket, opens and closes (ms, 0 is none), limit (0 is none),
-- shopper, units, shopper, units, …
if redis.call('HEXISTS', KEYS[1], 'left') == 1 then return 0 end
redis.call('HSET', KEYS[1], 'left', ARGV[1], 'seq', ARGV[2], 'opens', ARGV[3], 'closes', ARGV[4], 'limit', ARGV[5], 'changes', 0)
redis.call('DEL', KEYS[2], KEYS[3])
for i = 6, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
