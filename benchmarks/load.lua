-- Send the requests of a file, one a line: method TAB path TAB body. Around again at the end.
-- LOAD_FILE, LOAD_HEADERS (name TAB value, one a line), LOAD_EXPECT (statuses, comma separated).
local requests, i = {}, 0
for line in io.lines(os.getenv("LOAD_FILE")) do
  local method, path, body = line:match("^(%S+)\t(%S+)\t(.*)$")
  requests[#requests + 1] = { method, path, body }
end
for line in (os.getenv("LOAD_HEADERS") or ""):gmatch("[^\n]+") do
  local name, value = line:match("^([^\t]+)\t(.*)$")
  wrk.headers[name] = value
end
local expected = {}
for status in os.getenv("LOAD_EXPECT"):gmatch("%d+") do expected[tonumber(status)] = true end
wanted, unwanted, strangest = 0, 0, 0

function request()
  local one = requests[i % #requests + 1]
  i = i + 1
  if one[1] == "GET" then return wrk.format("GET", one[2]) end
  return wrk.format(one[1], one[2], nil, one[3])
end

function response(status)
  if expected[status] then wanted = wanted + 1 else unwanted = unwanted + 1; strangest = status end
end

local threads = {}
function setup(thread) threads[#threads + 1] = thread end
function done(summary, latency)
  local thread, e = threads[1], summary.errors
  io.write(string.format(
    'JSON{"seconds":%.4f,"requests":%d,"bytes":%d,"wanted":%d,"unwanted":%d,"strangest":%d,"failed":%d,"p50":%.3f,"p95":%.3f,"p99":%.3f}\n',
    summary.duration / 1e6, summary.requests, summary.bytes, thread:get("wanted"), thread:get("unwanted"),
    thread:get("strangest"), e.connect + e.read + e.write + e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3))
end
