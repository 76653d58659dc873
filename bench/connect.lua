-- A client that comes, asks once and goes, each time anew.
require("oltp_common")

function prepare_statements()
end

function thread_init()
   drv = sysbench.sql.driver()
end

function thread_done()
end

function event()
   local con = drv:connect()
   con:query("SELECT 1")
   con:disconnect()
end
