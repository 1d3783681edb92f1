-- Removes tickets that have become orders from the pending ones. It counts as a change, so that a correction by an older snapshot
-- is refused. KEYS: the gate, shoppers' units, pending tickets. ARGV: pending members.
if redis.call('HEXISTS', KEYS[1], 'left') == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], 'changes', 1)
return redis.call('ZREM', KEYS[3], unpack(ARGV))
