/* What the variables about GTIDs tell, and what setting them does. For the table in variable_rows.c alone. */
#pragma once

#include "session/variable_table.h"

void compute_gtid_executed(struct session *session, struct arena *arena, struct value *out);
void compute_gtid_purged(struct session *session, struct arena *arena, struct value *out);
void compute_gtid_next(struct session *session, struct arena *arena, struct value *out);
/* MariaDB's: also gtid_current_pos, for our own log has none of its GTIDs. */
void compute_gtid_slave_pos(struct session *session, struct arena *arena, struct value *out);
int apply_gtid_slave_pos(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			 struct diag *diag);
/* What names MariaDB's GTIDs in a log: there are none in ours, so nothing but 0 can be said. */
int refuse_mariadb_gtid(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			struct diag *diag);

/* gtid_mode: one step at a time, and only when nothing is under way that the new mode would not allow. */
int apply_gtid_mode(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		    struct diag *diag);
int apply_enforce_gtid_consistency(struct session *session, enum variable_scope scope,
				   const struct variable_slot *slot, struct diag *diag);
int apply_gtid_next(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		    struct diag *diag);
/* "set" or "+set". */
int apply_gtid_purged(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		      struct diag *diag);
