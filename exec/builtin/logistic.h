/* Logistic regression: the fit, apart from files. Class B. */
#ifndef MT_EXEC_BUILTIN_LOGISTIC_H
#define MT_EXEC_BUILTIN_LOGISTIC_H

#include "exec/builtin/matrix.h"
#include "exec/builtin/model_rows.h"
#include "exec/builtin/model_weights.h"

/* Rows are centred and scaled in place. Stops when there is no optimum: classes that can be told apart without error, and no penalty. */
void logistic_fit(struct model_rows *rows, double l2, size_t steps_max, struct model_weights *out);

#endif
