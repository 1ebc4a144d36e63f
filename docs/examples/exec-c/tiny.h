#ifndef TINY_H
#define TINY_H

#include "cases.h"

extern const struct precept_emulator tiny;

#endif
