GRANT REPLICATION SLAVE
   ON *.*
   TO 'repl_pair'@'127.0.0.1'
   IDENTIFIED BY 'keep-in-step';
