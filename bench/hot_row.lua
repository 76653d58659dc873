-- One row that every thread updates, each in a transaction of its own.
require("oltp_common")

function prepare_statements()
end

function event()
   con:query("UPDATE sbtest1 SET k=k+1 WHERE id=1")
end
