/* What the variables about GTIDs tell, and what setting them does. For the table in variable_rows.c alone. */
#pragma once

#include "session/variable_table.h"

void compute_gtid_executed(struct session *session, struct arena *arena, struct value *out);
void compute_gtid_purged(struct session *session, struct arena *arena, struct value *out);
void compute_gtid_next(struct session *session, struct arena *arena, struct value *out);

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
