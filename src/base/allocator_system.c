#include "base/allocator.h"

#include <malloc.h>

void allocator_open(void)
{
}

void allocator_give_back(void)
{
	malloc_trim(0);
}
