-- wrk: four requests at once
init = function()
  local requests = {}
  for i = 1, 4 do requests[i] = wrk.format("GET", "/pipeline/" .. i) end
  all = table.concat(requests)
end
request = function() return all end
