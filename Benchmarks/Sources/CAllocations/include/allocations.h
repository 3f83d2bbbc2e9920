#pragma once

/// How often this process asked for memory. Only for programs with one thread.
unsigned long allocations(void);
