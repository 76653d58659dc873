/* The result rules that functions.def names: each fills the type and class of a call. */
#pragma once

#include "sql/resolve/resolver.h"

#define FUNCTION(name, min, max, arguments, result, parameter, flags, extras, evaluator) extern function_result result;
#include "sql/resolve/functions.def"
#undef FUNCTION
