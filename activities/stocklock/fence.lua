-- Draws the next fencing token, above the one that the stock row has seen. KEYS: the product's fence. ARGV: the row's token.
local fence = redis.call('INCR', KEYS[1])
local above = tonumber(ARGV[1])
if fence <= above then
  fence = above + 1
  redis.call('SET', KEYS[1], fence)
end
return fence
