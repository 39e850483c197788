-- Purchases by wrk: each connection takes the next step that is due, so that all of them are always busy. What a purchase
-- is about is told by the product, which one buyer alone buys. `orders` are a checkout and its payment, `whole` ones begin in
-- the cart and end in the library.
local json = { ["Content-Type"] = "application/json" }
local due, first, last, upcoming = {}, 1, 0, 1
bought, refused, complaint = 0, 0, ""

local threads = {}
function setup(thread)
   table.insert(threads, thread)
end

function init(args)
   dofile(args[1])
   whole = args[2] == "whole"
   buyer = {}
   for number, product in ipairs(products) do
      buyer[product] = tokens[number % #tokens + 1]
   end
end

local function step(method, path, product, body)
   last = last + 1
   due[last] = { method, path, product, body }
end

local function write(method, path, product, body)
   json["Authorization"] = "Bearer " .. buyer[product]
   return wrk.format(method, path, json, body)
end

function request()
   if first <= last then
      local now = due[first]
      due[first] = nil
      first = first + 1
      return write(now[1], now[2], now[3], now[4])
   end
   local product = products[upcoming]
   if not product then
      return wrk.format("GET", "/healthz")
   end
   upcoming = upcoming + 1
   if whole then
      return write("PUT", "/api/v1/cart/items/" .. product, product)
   end
   local body = '{"items":[{"product_id":"' .. product .. '"}],"accept_immediate_delivery":true}'
   return write("POST", "/api/v1/checkout", product, body)
end

function response(status, headers, body)
   if status >= 400 then
      refused = refused + 1
      complaint = status .. " " .. body
   elseif status == 201 then
      local payment = body:match('"payment":{"id":"([^"]+)"')
      local product = body:match('"product_id":"([^"]+)"')
      step("POST", "/api/v1/payments/mock/" .. payment, product, '{"outcome":"succeed"}')
   elseif body:find('"license_keys"', 1, true) then
      bought = bought + 1
   elseif body:find('"number":"M-', 1, true) then
      if whole then
         local product = body:match('"product_id":"([^"]+)"')
         step("GET", "/api/v1/library/" .. product, product)
      else
         bought = bought + 1
      end
   else
      local product = body:match('"product":{"id":"([^"]+)"')
      if product then
         step("POST", "/api/v1/checkout", product, '{"accept_immediate_delivery":true}')
      end
   end
end

function done(summary, latency, requests)
   for _, thread in ipairs(threads) do
      print("bought " .. thread:get("bought"))
      print("refused " .. thread:get("refused") .. " " .. thread:get("complaint"))
   end
   print("seconds " .. summary.duration / 1e6)
   print("p99 " .. latency:percentile(99) / 1e3)
end
