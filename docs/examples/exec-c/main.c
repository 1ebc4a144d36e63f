#include "tiny.h"

int main(void)
{
	return precept_serve(&tiny);
}
