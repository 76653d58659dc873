-- A small archive of messages, in the SQL of 2008: mixed case, tabs, utf8 throughout, a VARCHAR that is too long
-- for its charset, a TIMESTAMP without a default, foreign keys on nullable columns, a table without a primary key.

create table bulletin (
	-- numbered and stamped by the server
	bid        bigint unsigned NOT NULL auto_increment,
	posted     timestamp,
	topic      varchar(10),
	sender     varchar(128) NOT NULL,
	headline   varchar(128) NOT NULL,
	message    varchar(1024) NOT NULL,
	primary key(bid),
	key posted (posted),
	key sender (sender),
	key topic (topic)
)
ENGINE=InnoDB default character set utf8 ROW_FORMAT=DYNAMIC;

create table parcel (
  id       bigint unsigned NOT NULL auto_increment,
  content  text NOT NULL,

  primary key (id)
)
ENGINE=InnoDB default character set utf8 ROW_FORMAT=DYNAMIC;

create table person (
  pid   bigint unsigned NOT NULL,

  name  varchar(128) NOT NULL,

  primary key (pid),
  unique key name (name)
)
ENGINE=InnoDB default character set utf8 ROW_FORMAT=DYNAMIC;

create table folder (
  fid         bigint unsigned NOT NULL,
  parent_fid  bigint unsigned,
  pid         bigint unsigned NOT NULL,

  title       varchar(64) NOT NULL,

  primary key (fid),
  unique key place (parent_fid, pid, title),
  key title (title),
		constraint folder_person foreign key (pid) references person (pid)
)
ENGINE=InnoDB default character set utf8 ROW_FORMAT=DYNAMIC;

create table setting (
  fid    bigint unsigned,
  pid    bigint unsigned NOT NULL,

  word   varchar(128) NOT NULL,
  value  varchar(65535),

  key word (word),
		constraint setting_person foreign key (pid) references person (pid),
		constraint setting_folder foreign key (fid) references folder (fid)
)
ENGINE=InnoDB default character set utf8 ROW_FORMAT=DYNAMIC;

-- create table highest (
--   pid  bigint unsigned
-- )
-- ENGINE=InnoDB default character set utf8 ROW_FORMAT=DYNAMIC;
