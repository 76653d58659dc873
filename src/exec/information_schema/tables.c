/* The virtual tables and their columns: MySQL 8.0's names and order. Sorted by database and name. */
#include "exec/virtual_writer.h"

#define TABLE_NAMES "TABLE_CATALOG varchar(64) not null, TABLE_SCHEMA name not null, TABLE_NAME name not null"
#define CONSTRAINT_NAMES \
	"CONSTRAINT_CATALOG varchar(64) not null, CONSTRAINT_SCHEMA name not null, CONSTRAINT_NAME varchar(64) not null"
#define PROGRAM_CHARSETS \
	"CHARACTER_SET_CLIENT varchar(64) not null, COLLATION_CONNECTION varchar(64) not null, " \
	"DATABASE_COLLATION varchar(64) not null"
#define VARIABLE "VARIABLE_NAME varchar(64) not null, VARIABLE_VALUE varchar(2048)"
#define YES_NO " char(1) not null, "
#define HELP_URL "url text not null"

/* A transaction on its way, and the time a thing was begun with it. */
#define SEEN(which, begun)                                                                                            \
	which "_TRANSACTION char(57), " which "_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP timestamp(6) not null, " which  \
	      "_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP timestamp(6) not null, " which                                 \
	      "_TRANSACTION_START_" begun "_TIMESTAMP timestamp(6) not null"
#define LAST_ERROR                                                                                                    \
	"LAST_ERROR_NUMBER int not null, LAST_ERROR_MESSAGE varchar(1024) not null, "                                 \
	"LAST_ERROR_TIMESTAMP timestamp(6) not null"
#define RETRIES(which)                                                                                                \
	which "_TRANSACTION_RETRIES_COUNT bigint unsigned not null, " which                                           \
	      "_TRANSACTION_LAST_TRANSIENT_ERROR_NUMBER int not null, " which                                         \
	      "_TRANSACTION_LAST_TRANSIENT_ERROR_MESSAGE varchar(1024), " which                                       \
	      "_TRANSACTION_LAST_TRANSIENT_ERROR_TIMESTAMP timestamp(6) not null"

const struct virtual_definition virtual_definitions[] = {
	{"information_schema", "CHARACTER_SETS",
	 "CHARACTER_SET_NAME varchar(64) not null, DEFAULT_COLLATE_NAME varchar(64) not null, "
	 "DESCRIPTION varchar(2048) not null, MAXLEN int unsigned not null",
	 fill_character_sets},
	{"information_schema", "CHECK_CONSTRAINTS", CONSTRAINT_NAMES ", CHECK_CLAUSE longtext not null",
	 fill_check_constraints},
	{"information_schema", "COLLATIONS",
	 "COLLATION_NAME varchar(64) not null, CHARACTER_SET_NAME varchar(64) not null, ID bigint unsigned not null, "
	 "IS_DEFAULT varchar(3) not null, IS_COMPILED varchar(3) not null, SORTLEN int unsigned not null, "
	 "PAD_ATTRIBUTE varchar(9) not null",
	 fill_collations},
	{"information_schema", "COLLATION_CHARACTER_SET_APPLICABILITY",
	 "COLLATION_NAME varchar(64) not null, CHARACTER_SET_NAME varchar(64) not null", fill_applicability},
	{"information_schema", "COLUMNS",
	 TABLE_NAMES ", COLUMN_NAME varchar(64), ORDINAL_POSITION int unsigned not null, COLUMN_DEFAULT text, "
	 "IS_NULLABLE varchar(3) not null, DATA_TYPE longtext, CHARACTER_MAXIMUM_LENGTH bigint, "
	 "CHARACTER_OCTET_LENGTH bigint, NUMERIC_PRECISION bigint unsigned, NUMERIC_SCALE bigint unsigned, "
	 "DATETIME_PRECISION int unsigned, CHARACTER_SET_NAME varchar(64), COLLATION_NAME varchar(64), "
	 "COLUMN_TYPE mediumtext not null, COLUMN_KEY varchar(3) not null, EXTRA varchar(256), PRIVILEGES varchar(154), "
	 "COLUMN_COMMENT text not null, GENERATION_EXPRESSION longtext not null, SRS_ID int unsigned",
	 fill_columns},
	{"information_schema", "COLUMN_PRIVILEGES",
	 "GRANTEE varchar(292) not null, TABLE_CATALOG varchar(512) not null, TABLE_SCHEMA name not null, "
	 "TABLE_NAME name not null, COLUMN_NAME varchar(64) not null, PRIVILEGE_TYPE varchar(64) not null, "
	 "IS_GRANTABLE varchar(3) not null",
	 NULL},
	{"information_schema", "COLUMN_STATISTICS",
	 "SCHEMA_NAME name not null, TABLE_NAME name not null, COLUMN_NAME varchar(64) not null, HISTOGRAM json not null",
	 NULL},
	{"information_schema", "ENGINES",
	 "ENGINE varchar(64) not null, SUPPORT varchar(8) not null, COMMENT varchar(80) not null, "
	 "TRANSACTIONS varchar(3), XA varchar(3), SAVEPOINTS varchar(3)",
	 fill_engines},
	{"information_schema", "EVENTS",
	 "EVENT_CATALOG varchar(64) not null, EVENT_SCHEMA name not null, EVENT_NAME varchar(64) not null, "
	 "DEFINER varchar(288) not null, TIME_ZONE varchar(64) not null, EVENT_BODY varchar(3) not null, "
	 "EVENT_DEFINITION longtext not null, EVENT_TYPE varchar(9) not null, EXECUTE_AT datetime, "
	 "INTERVAL_VALUE varchar(256), INTERVAL_FIELD varchar(18), SQL_MODE varchar(520) not null, STARTS datetime, "
	 "ENDS datetime, STATUS varchar(21) not null, ON_COMPLETION varchar(12) not null, CREATED timestamp not null, "
	 "LAST_ALTERED timestamp not null, LAST_EXECUTED datetime, EVENT_COMMENT varchar(2048) not null, "
	 "ORIGINATOR int unsigned not null, " PROGRAM_CHARSETS,
	 NULL},
	{"information_schema", "FILES",
	 "FILE_ID bigint, FILE_NAME text, FILE_TYPE varchar(256), TABLESPACE_NAME varchar(268) not null, "
	 "TABLE_CATALOG char(0) not null, TABLE_SCHEMA binary(0), TABLE_NAME binary(0), "
	 "LOGFILE_GROUP_NAME varchar(256), LOGFILE_GROUP_NUMBER bigint, ENGINE varchar(64) not null, "
	 "FULLTEXT_KEYS binary(0), DELETED_ROWS binary(0), UPDATE_COUNT binary(0), FREE_EXTENTS bigint, "
	 "TOTAL_EXTENTS bigint, EXTENT_SIZE bigint, INITIAL_SIZE bigint, MAXIMUM_SIZE bigint, AUTOEXTEND_SIZE bigint, "
	 "CREATION_TIME binary(0), LAST_UPDATE_TIME binary(0), LAST_ACCESS_TIME binary(0), RECOVER_TIME binary(0), "
	 "TRANSACTION_COUNTER binary(0), VERSION bigint, ROW_FORMAT varchar(256), TABLE_ROWS binary(0), "
	 "AVG_ROW_LENGTH binary(0), DATA_LENGTH binary(0), MAX_DATA_LENGTH binary(0), INDEX_LENGTH binary(0), "
	 "DATA_FREE bigint, CREATE_TIME binary(0), UPDATE_TIME binary(0), CHECK_TIME binary(0), CHECKSUM binary(0), "
	 "STATUS varchar(256), EXTRA varchar(256)",
	 NULL},
	{"information_schema", "GEMEL_FAULTS",
	 "NAME varchar(64) not null, ACTION varchar(8) not null, PASSES bigint unsigned not null", fill_faults},
	{"information_schema", "GLOBAL_STATUS", VARIABLE, fill_global_status},
	{"information_schema", "GLOBAL_VARIABLES", VARIABLE, fill_global_variables},
	{"information_schema", "INNODB_TRX",
	 "trx_id bigint unsigned not null, trx_state varchar(13) not null, trx_started datetime not null, "
	 "trx_requested_lock_id varchar(126), trx_wait_started datetime, trx_weight bigint unsigned not null, "
	 "trx_mysql_thread_id bigint unsigned not null, trx_query varchar(1024), trx_operation_state varchar(64), "
	 "trx_tables_in_use bigint unsigned not null, trx_tables_locked bigint unsigned not null, "
	 "trx_lock_structs bigint unsigned not null, trx_lock_memory_bytes bigint unsigned not null, "
	 "trx_rows_locked bigint unsigned not null, trx_rows_modified bigint unsigned not null, "
	 "trx_concurrency_tickets bigint unsigned not null, trx_isolation_level varchar(16) not null, "
	 "trx_unique_checks int not null, trx_foreign_key_checks int not null, "
	 "trx_last_foreign_key_error varchar(256), trx_adaptive_hash_latched int not null, "
	 "trx_adaptive_hash_timeout bigint unsigned not null, trx_is_read_only int not null, "
	 "trx_autocommit_non_locking int not null, trx_schedule_weight bigint unsigned",
	 NULL},
	{"information_schema", "KEY_COLUMN_USAGE",
	 CONSTRAINT_NAMES ", " TABLE_NAMES ", COLUMN_NAME varchar(64), ORDINAL_POSITION int unsigned not null, "
			  "POSITION_IN_UNIQUE_CONSTRAINT int unsigned, REFERENCED_TABLE_SCHEMA name, "
			  "REFERENCED_TABLE_NAME name, REFERENCED_COLUMN_NAME varchar(64)",
	 fill_key_column_usage},
	{"information_schema", "PARAMETERS",
	 "SPECIFIC_CATALOG varchar(64) not null, SPECIFIC_SCHEMA name not null, SPECIFIC_NAME varchar(64) not null, "
	 "ORDINAL_POSITION bigint unsigned not null, PARAMETER_MODE varchar(5), PARAMETER_NAME varchar(64), "
	 "DATA_TYPE longtext, CHARACTER_MAXIMUM_LENGTH bigint, CHARACTER_OCTET_LENGTH bigint, "
	 "NUMERIC_PRECISION int unsigned, NUMERIC_SCALE bigint, DATETIME_PRECISION int unsigned, "
	 "CHARACTER_SET_NAME varchar(64), COLLATION_NAME varchar(64), DTD_IDENTIFIER mediumtext not null, "
	 "ROUTINE_TYPE varchar(9) not null",
	 NULL},
	{"information_schema", "PARTITIONS",
	 TABLE_NAMES ", PARTITION_NAME varchar(64), SUBPARTITION_NAME varchar(64), "
		     "PARTITION_ORDINAL_POSITION int unsigned, SUBPARTITION_ORDINAL_POSITION int unsigned, "
		     "PARTITION_METHOD varchar(13), SUBPARTITION_METHOD varchar(13), "
		     "PARTITION_EXPRESSION varchar(2048), SUBPARTITION_EXPRESSION varchar(2048), "
		     "PARTITION_DESCRIPTION text, TABLE_ROWS bigint unsigned, AVG_ROW_LENGTH bigint unsigned, "
		     "DATA_LENGTH bigint unsigned, MAX_DATA_LENGTH bigint unsigned, INDEX_LENGTH bigint unsigned, "
		     "DATA_FREE bigint unsigned, CREATE_TIME timestamp not null, UPDATE_TIME datetime, "
		     "CHECK_TIME datetime, CHECKSUM bigint, PARTITION_COMMENT text not null, NODEGROUP varchar(256), "
		     "TABLESPACE_NAME varchar(268)",
	 fill_partitions},
	{"information_schema", "PLUGINS",
	 "PLUGIN_NAME varchar(64) not null, PLUGIN_VERSION varchar(20) not null, PLUGIN_STATUS varchar(10) not null, "
	 "PLUGIN_TYPE varchar(80) not null, PLUGIN_TYPE_VERSION varchar(20) not null, PLUGIN_LIBRARY varchar(64), "
	 "PLUGIN_LIBRARY_VERSION varchar(20), PLUGIN_AUTHOR varchar(64), PLUGIN_DESCRIPTION longtext, "
	 "PLUGIN_LICENSE varchar(80), LOAD_OPTION varchar(64) not null",
	 fill_plugins},
	{"information_schema", "PROCESSLIST",
	 "ID bigint unsigned not null, USER varchar(32) not null, HOST varchar(261) not null, DB varchar(64), "
	 "COMMAND varchar(16) not null, TIME int not null, STATE varchar(64), INFO longtext",
	 fill_processlist},
	{"information_schema", "REFERENTIAL_CONSTRAINTS",
	 CONSTRAINT_NAMES ", UNIQUE_CONSTRAINT_CATALOG varchar(64) not null, UNIQUE_CONSTRAINT_SCHEMA name not null, "
			  "UNIQUE_CONSTRAINT_NAME varchar(64), MATCH_OPTION varchar(7) not null, "
			  "UPDATE_RULE varchar(11) not null, DELETE_RULE varchar(11) not null, "
			  "TABLE_NAME name not null, REFERENCED_TABLE_NAME name not null",
	 fill_referential_constraints},
	{"information_schema", "ROUTINES",
	 "SPECIFIC_NAME varchar(64) not null, ROUTINE_CATALOG varchar(64) not null, ROUTINE_SCHEMA name not null, "
	 "ROUTINE_NAME varchar(64) not null, ROUTINE_TYPE varchar(9) not null, DATA_TYPE longtext, "
	 "CHARACTER_MAXIMUM_LENGTH bigint, CHARACTER_OCTET_LENGTH bigint, NUMERIC_PRECISION int unsigned, "
	 "NUMERIC_SCALE int unsigned, DATETIME_PRECISION int unsigned, CHARACTER_SET_NAME varchar(64), "
	 "COLLATION_NAME varchar(64), DTD_IDENTIFIER longtext, ROUTINE_BODY varchar(8) not null, "
	 "ROUTINE_DEFINITION longtext, EXTERNAL_NAME binary(0), EXTERNAL_LANGUAGE varchar(64) not null, "
	 "PARAMETER_STYLE varchar(3) not null, IS_DETERMINISTIC varchar(3) not null, "
	 "SQL_DATA_ACCESS varchar(17) not null, SQL_PATH binary(0), SECURITY_TYPE varchar(7) not null, "
	 "CREATED timestamp not null, LAST_ALTERED timestamp not null, SQL_MODE varchar(520) not null, "
	 "ROUTINE_COMMENT text not null, DEFINER varchar(288) not null, " PROGRAM_CHARSETS,
	 NULL},
	{"information_schema", "SCHEMATA",
	 "CATALOG_NAME varchar(64) not null, SCHEMA_NAME name not null, "
	 "DEFAULT_CHARACTER_SET_NAME varchar(64) not null, DEFAULT_COLLATION_NAME varchar(64) not null, "
	 "SQL_PATH binary(0), DEFAULT_ENCRYPTION varchar(3) not null",
	 fill_schemata},
	{"information_schema", "SCHEMA_PRIVILEGES",
	 "GRANTEE varchar(292) not null, TABLE_CATALOG varchar(512) not null, TABLE_SCHEMA name not null, "
	 "PRIVILEGE_TYPE varchar(64) not null, IS_GRANTABLE varchar(3) not null",
	 fill_schema_privileges},
	{"information_schema", "SESSION_STATUS", VARIABLE, fill_session_status},
	{"information_schema", "SESSION_VARIABLES", VARIABLE, fill_session_variables},
	{"information_schema", "STATISTICS",
	 TABLE_NAMES ", NON_UNIQUE int not null, INDEX_SCHEMA name not null, INDEX_NAME varchar(64), "
		     "SEQ_IN_INDEX int unsigned not null, COLUMN_NAME varchar(64), COLLATION varchar(1), "
		     "CARDINALITY bigint, SUB_PART bigint, PACKED binary(0), NULLABLE varchar(3) not null, "
		     "INDEX_TYPE varchar(11) not null, COMMENT varchar(8) not null, INDEX_COMMENT varchar(2048) not null, "
		     "IS_VISIBLE varchar(3) not null, EXPRESSION longtext",
	 fill_statistics},
	{"information_schema", "TABLES",
	 TABLE_NAMES ", TABLE_TYPE varchar(11) not null, ENGINE varchar(64), VERSION int, ROW_FORMAT varchar(10), "
		     "TABLE_ROWS bigint unsigned, AVG_ROW_LENGTH bigint unsigned, DATA_LENGTH bigint unsigned, "
		     "MAX_DATA_LENGTH bigint unsigned, INDEX_LENGTH bigint unsigned, DATA_FREE bigint unsigned, "
		     "AUTO_INCREMENT bigint unsigned, CREATE_TIME timestamp, UPDATE_TIME datetime, "
		     "CHECK_TIME datetime, TABLE_COLLATION varchar(64), CHECKSUM bigint, CREATE_OPTIONS varchar(256), "
		     "TABLE_COMMENT text",
	 fill_tables},
	{"information_schema", "TABLE_CONSTRAINTS",
	 CONSTRAINT_NAMES ", TABLE_SCHEMA name not null, TABLE_NAME name not null, "
			  "CONSTRAINT_TYPE varchar(11) not null, ENFORCED varchar(3) not null",
	 fill_table_constraints},
	{"information_schema", "TABLE_PRIVILEGES",
	 "GRANTEE varchar(292) not null, TABLE_CATALOG varchar(512) not null, TABLE_SCHEMA name not null, "
	 "TABLE_NAME name not null, PRIVILEGE_TYPE varchar(64) not null, IS_GRANTABLE varchar(3) not null",
	 fill_table_privileges},
	{"information_schema", "TRIGGERS",
	 "TRIGGER_CATALOG varchar(64) not null, TRIGGER_SCHEMA name not null, TRIGGER_NAME varchar(64) not null, "
	 "EVENT_MANIPULATION varchar(6) not null, EVENT_OBJECT_CATALOG varchar(64) not null, "
	 "EVENT_OBJECT_SCHEMA name not null, EVENT_OBJECT_TABLE name not null, ACTION_ORDER int unsigned not null, "
	 "ACTION_CONDITION binary(0), ACTION_STATEMENT longtext not null, ACTION_ORIENTATION varchar(3) not null, "
	 "ACTION_TIMING varchar(6) not null, ACTION_REFERENCE_OLD_TABLE binary(0), "
	 "ACTION_REFERENCE_NEW_TABLE binary(0), ACTION_REFERENCE_OLD_ROW varchar(3) not null, "
	 "ACTION_REFERENCE_NEW_ROW varchar(3) not null, CREATED timestamp not null, SQL_MODE varchar(520) not null, "
	 "DEFINER varchar(288) not null, " PROGRAM_CHARSETS,
	 NULL},
	{"information_schema", "USER_PRIVILEGES",
	 "GRANTEE varchar(292) not null, TABLE_CATALOG varchar(512) not null, PRIVILEGE_TYPE varchar(64) not null, "
	 "IS_GRANTABLE varchar(3) not null",
	 fill_user_privileges},
	{"information_schema", "VIEWS",
	 TABLE_NAMES ", VIEW_DEFINITION longtext, CHECK_OPTION varchar(8), IS_UPDATABLE varchar(3), "
		     "DEFINER varchar(288), SECURITY_TYPE varchar(7), CHARACTER_SET_CLIENT varchar(64) not null, "
		     "COLLATION_CONNECTION varchar(64) not null",
	 fill_views},

	{"mysql", "columns_priv",
	 "Host char(255) not null, Db name not null, User char(32) not null, Table_name name not null, "
	 "Column_name char(64) not null, Timestamp timestamp not null, Column_priv varchar(31) not null",
	 NULL},
	{"mysql", "db",
	 "Host char(255) not null, Db name not null, User char(32) not null, Select_priv" YES_NO "Insert_priv" YES_NO
	 "Update_priv" YES_NO "Delete_priv" YES_NO "Create_priv" YES_NO "Drop_priv" YES_NO "Grant_priv" YES_NO
	 "References_priv" YES_NO "Index_priv" YES_NO "Alter_priv" YES_NO "Create_tmp_table_priv" YES_NO
	 "Lock_tables_priv" YES_NO "Create_view_priv" YES_NO "Show_view_priv" YES_NO "Create_routine_priv" YES_NO
	 "Alter_routine_priv" YES_NO "Execute_priv" YES_NO "Event_priv" YES_NO "Trigger_priv char(1) not null",
	 fill_mysql_db},
	{"mysql", "default_roles",
	 "HOST char(255) not null, USER char(32) not null, DEFAULT_ROLE_HOST char(255) not null, "
	 "DEFAULT_ROLE_USER char(32) not null",
	 NULL},
	{"mysql", "event",
	 "db name not null, name char(64) not null, body longtext not null, definer varchar(288) not null, "
	 "execute_at datetime, interval_value int, interval_field varchar(18), created timestamp not null, "
	 "modified timestamp not null, last_executed datetime, starts datetime, ends datetime, "
	 "status varchar(18) not null, on_completion varchar(8) not null, sql_mode varchar(520) not null, "
	 "comment varchar(64) not null, originator int unsigned not null, time_zone varchar(64) not null, "
	 "character_set_client varchar(64), collation_connection varchar(64), db_collation varchar(64), "
	 "body_utf8 longtext",
	 NULL},
	{"mysql", "func",
	 "name char(64) not null, ret tinyint not null, dl char(128) not null, type varchar(9) not null", NULL},
	{"mysql", "general_log",
	 "event_time timestamp not null, user_host mediumtext not null, thread_id bigint unsigned not null, "
	 "server_id int unsigned not null, command_type varchar(64) not null, argument blob not null",
	 NULL},
	{"mysql", "global_grants",
	 "USER char(32) not null, HOST char(255) not null, PRIV char(32) not null, WITH_GRANT_OPTION char(1) not null",
	 NULL},
	{"mysql", "gtid_executed",
	 "source_uuid char(36) not null, interval_start bigint not null, interval_end bigint not null",
	 fill_gtid_executed},
	{"mysql", "help_category",
	 "help_category_id smallint unsigned not null, name char(64) not null, "
	 "parent_category_id smallint unsigned, " HELP_URL,
	 NULL},
	{"mysql", "help_keyword", "help_keyword_id int unsigned not null, name char(64) not null", NULL},
	{"mysql", "help_relation", "help_topic_id int unsigned not null, help_keyword_id int unsigned not null", NULL},
	{"mysql", "help_topic",
	 "help_topic_id int unsigned not null, name char(64) not null, help_category_id smallint unsigned not null, "
	 "description text not null, example text not null, " HELP_URL,
	 NULL},
	{"mysql", "plugin", "name varchar(64) not null, dl varchar(128) not null", NULL},
	{"mysql", "proc",
	 "db name not null, name char(64) not null, type varchar(9) not null, specific_name char(64) not null, "
	 "language varchar(3) not null, sql_data_access varchar(17) not null, is_deterministic varchar(3) not null, "
	 "security_type varchar(7) not null, param_list blob not null, returns longtext not null, body longtext not null, "
	 "definer varchar(288) not null, created timestamp not null, modified timestamp not null, "
	 "sql_mode varchar(520) not null, comment text not null, character_set_client varchar(64), "
	 "collation_connection varchar(64), db_collation varchar(64), body_utf8 longtext",
	 NULL},
	{"mysql", "procs_priv",
	 "Host char(255) not null, Db name not null, User char(32) not null, Routine_name char(64) not null, "
	 "Routine_type varchar(9) not null, Grantor varchar(288) not null, Proc_priv varchar(27) not null, "
	 "Timestamp timestamp not null",
	 NULL},
	{"mysql", "proxies_priv",
	 "Host char(255) not null, User char(32) not null, Proxied_host char(255) not null, "
	 "Proxied_user char(32) not null, With_grant tinyint not null, Grantor varchar(288) not null, "
	 "Timestamp timestamp not null",
	 NULL},
	{"mysql", "role_edges",
	 "FROM_HOST char(255) not null, FROM_USER char(32) not null, TO_HOST char(255) not null, "
	 "TO_USER char(32) not null, WITH_ADMIN_OPTION char(1) not null",
	 NULL},
	{"mysql", "servers",
	 "Server_name char(64) not null, Host char(255) not null, Db char(64) not null, Username char(64) not null, "
	 "Password char(64) not null, Port int not null, Socket char(64) not null, Wrapper char(64) not null, "
	 "Owner char(64) not null",
	 NULL},
	{"mysql", "slave_master_info",
	 "Number_of_lines int unsigned not null, Master_log_name text not null, Master_log_pos bigint unsigned not null, "
	 "Host varchar(255), User_name text, User_password text, Port int unsigned not null, "
	 "Connect_retry int unsigned not null, Enabled_ssl tinyint not null, Ssl_ca text, Ssl_capath text, Ssl_cert text, "
	 "Ssl_cipher text, Ssl_key text, Ssl_verify_server_cert tinyint not null, Heartbeat double not null, Bind text, "
	 "Ignored_server_ids text, Uuid text, Retry_count bigint unsigned not null, Ssl_crl text, Ssl_crlpath text, "
	 "Enabled_auto_position tinyint not null, Channel_name varchar(64) not null, Tls_version text, "
	 "Public_key_path text, Get_public_key tinyint not null, Network_namespace text, "
	 "Master_compression_algorithm varchar(64) not null, Master_zstd_compression_level int unsigned not null, "
	 "Tls_ciphersuites text, Source_connection_auto_failover tinyint not null, Gtid_only tinyint not null",
	 fill_slave_master_info},
	{"mysql", "slave_relay_log_info",
	 "Number_of_lines int unsigned not null, Relay_log_name text, Relay_log_pos bigint unsigned, Master_log_name text, "
	 "Master_log_pos bigint unsigned, Sql_delay int, Number_of_workers int unsigned, Id int unsigned, "
	 "Channel_name varchar(64) not null, Privilege_checks_username varchar(32), "
	 "Privilege_checks_hostname varchar(255), Require_row_format tinyint not null, "
	 "Require_table_primary_key_check varchar(8) not null, "
	 "Assign_gtids_to_anonymous_transactions_type varchar(5) not null, "
	 "Assign_gtids_to_anonymous_transactions_value text",
	 fill_slave_relay_log_info},
	{"mysql", "slow_log",
	 "start_time timestamp not null, user_host mediumtext not null, query_time varchar(17) not null, "
	 "lock_time varchar(17) not null, rows_sent int not null, rows_examined int not null, db varchar(512) not null, "
	 "last_insert_id int not null, insert_id int not null, server_id int unsigned not null, sql_text blob not null, "
	 "thread_id bigint unsigned not null",
	 NULL},
	{"mysql", "tables_priv",
	 "Host char(255) not null, Db name not null, User char(32) not null, Table_name name not null, "
	 "Grantor varchar(288) not null, Timestamp timestamp not null, Table_priv varchar(120) not null, "
	 "Column_priv varchar(31) not null",
	 fill_mysql_tables_priv},
	{"mysql", "time_zone", "Time_zone_id int unsigned not null, Use_leap_seconds char(1) not null", NULL},
	{"mysql", "time_zone_leap_second", "Transition_time bigint not null, Correction int not null", NULL},
	{"mysql", "time_zone_name", "Name char(64) not null, Time_zone_id int unsigned not null", NULL},
	{"mysql", "time_zone_transition",
	 "Time_zone_id int unsigned not null, Transition_time bigint not null, "
	 "Transition_type_id int unsigned not null",
	 NULL},
	{"mysql", "time_zone_transition_type",
	 "Time_zone_id int unsigned not null, Transition_type_id int unsigned not null, Offset int not null, "
	 "Is_DST tinyint unsigned not null, Abbreviation char(8) not null",
	 NULL},
	{"mysql", "user",
	 "Host char(255) not null, User char(32) not null, Select_priv" YES_NO "Insert_priv" YES_NO "Update_priv" YES_NO
	 "Delete_priv" YES_NO "Create_priv" YES_NO "Drop_priv" YES_NO "Reload_priv" YES_NO "Shutdown_priv" YES_NO
	 "Process_priv" YES_NO "File_priv" YES_NO "Grant_priv" YES_NO "References_priv" YES_NO "Index_priv" YES_NO
	 "Alter_priv" YES_NO "Show_db_priv" YES_NO "Super_priv" YES_NO "Create_tmp_table_priv" YES_NO
	 "Lock_tables_priv" YES_NO "Execute_priv" YES_NO "Repl_slave_priv" YES_NO "Repl_client_priv" YES_NO
	 "Create_view_priv" YES_NO "Show_view_priv" YES_NO "Create_routine_priv" YES_NO "Alter_routine_priv" YES_NO
	 "Create_user_priv" YES_NO "Event_priv" YES_NO "Trigger_priv" YES_NO "Create_tablespace_priv" YES_NO
	 "ssl_type varchar(9) not null, ssl_cipher blob not null, x509_issuer blob not null, "
	 "x509_subject blob not null, max_questions int unsigned not null, max_updates int unsigned not null, "
	 "max_connections int unsigned not null, max_user_connections int unsigned not null, plugin char(64) not null, "
	 "authentication_string text, password_expired" YES_NO "password_last_changed timestamp, "
	 "password_lifetime smallint unsigned, account_locked" YES_NO "Create_role_priv" YES_NO "Drop_role_priv" YES_NO
	 "Password_reuse_history smallint unsigned, Password_reuse_time smallint unsigned, "
	 "Password_require_current char(1), User_attributes json",
	 fill_mysql_user},

	{"performance_schema", "global_status", VARIABLE, fill_global_status},
	{"performance_schema", "global_variables", VARIABLE, fill_global_variables},
	{"performance_schema", "persisted_variables", "VARIABLE_NAME varchar(64) not null, VARIABLE_VALUE varchar(1024)",
	 fill_persisted_variables},
	{"performance_schema", "processlist",
	 "ID bigint unsigned not null, USER varchar(32), HOST varchar(261), DB varchar(64), COMMAND varchar(16), "
	 "TIME bigint, STATE varchar(64), INFO longtext, EXECUTION_ENGINE varchar(9)",
	 fill_processlist},
	{"performance_schema", "replication_applier_configuration",
	 "CHANNEL_NAME char(64) not null, DESIRED_DELAY int not null, PRIVILEGE_CHECKS_USER text, "
	 "REQUIRE_ROW_FORMAT varchar(3) not null, REQUIRE_TABLE_PRIMARY_KEY_CHECK varchar(8) not null, "
	 "ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS_TYPE varchar(5) not null, "
	 "ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS_VALUE text",
	 fill_applier_configuration},
	{"performance_schema", "replication_applier_status",
	 "CHANNEL_NAME char(64) not null, SERVICE_STATE varchar(3) not null, REMAINING_DELAY int unsigned, "
	 "COUNT_TRANSACTIONS_RETRIES bigint unsigned not null",
	 fill_applier_status},
	{"performance_schema", "replication_applier_status_by_coordinator",
	 "CHANNEL_NAME char(64) not null, THREAD_ID bigint unsigned, SERVICE_STATE varchar(3) not null, " LAST_ERROR ", "
	 SEEN("LAST_PROCESSED", "BUFFER") ", LAST_PROCESSED_TRANSACTION_END_BUFFER_TIMESTAMP timestamp(6) not null, "
	 SEEN("PROCESSING", "BUFFER"),
	 fill_applier_coordinators},
	{"performance_schema", "replication_applier_status_by_worker",
	 "CHANNEL_NAME char(64) not null, WORKER_ID bigint unsigned not null, THREAD_ID bigint unsigned, "
	 "SERVICE_STATE varchar(3) not null, " LAST_ERROR ", "
	 SEEN("LAST_APPLIED", "APPLY") ", LAST_APPLIED_TRANSACTION_END_APPLY_TIMESTAMP timestamp(6) not null, "
	 SEEN("APPLYING", "APPLY") ", " RETRIES("LAST_APPLIED") ", " RETRIES("APPLYING"),
	 fill_applier_workers},
	{"performance_schema", "replication_connection_configuration",
	 "CHANNEL_NAME char(64) not null, HOST char(255) not null, PORT int not null, USER char(32) not null, "
	 "NETWORK_INTERFACE char(60) not null, AUTO_POSITION varchar(1) not null, SSL_ALLOWED varchar(7) not null, "
	 "SSL_CA_FILE varchar(255) not null, SSL_CA_PATH varchar(255) not null, SSL_CERTIFICATE varchar(255) not null, "
	 "SSL_CIPHER varchar(255) not null, SSL_KEY varchar(255) not null, SSL_VERIFY_SERVER_CERTIFICATE varchar(3) not null, "
	 "SSL_CRL_FILE varchar(255) not null, SSL_CRL_PATH varchar(255) not null, "
	 "CONNECTION_RETRY_INTERVAL int not null, CONNECTION_RETRY_COUNT bigint unsigned not null, "
	 "HEARTBEAT_INTERVAL double not null, TLS_VERSION varchar(255) not null, PUBLIC_KEY varchar(255) not null, "
	 "GET_PUBLIC_KEY varchar(3) not null, NETWORK_NAMESPACE varchar(64) not null, "
	 "COMPRESSION_ALGORITHM char(64) not null, ZSTD_COMPRESSION_LEVEL int not null, TLS_CIPHERSUITES text, "
	 "SOURCE_CONNECTION_AUTO_FAILOVER varchar(1) not null, GTID_ONLY varchar(1) not null",
	 fill_connection_configuration},
	{"performance_schema", "replication_connection_status",
	 "CHANNEL_NAME char(64) not null, GROUP_NAME char(36) not null, SOURCE_UUID char(36) not null, "
	 "THREAD_ID bigint unsigned, SERVICE_STATE varchar(10) not null, "
	 "COUNT_RECEIVED_HEARTBEATS bigint unsigned not null, LAST_HEARTBEAT_TIMESTAMP timestamp(6) not null, "
	 "RECEIVED_TRANSACTION_SET longtext not null, " LAST_ERROR ", "
	 SEEN("LAST_QUEUED", "QUEUE") ", LAST_QUEUED_TRANSACTION_END_QUEUE_TIMESTAMP timestamp(6) not null, "
	 SEEN("QUEUEING", "QUEUE"),
	 fill_connection_status},
	{"performance_schema", "session_status", VARIABLE, fill_session_status},
	{"performance_schema", "session_variables", VARIABLE, fill_session_variables},
};

const unsigned virtual_definition_count = sizeof virtual_definitions / sizeof *virtual_definitions;
