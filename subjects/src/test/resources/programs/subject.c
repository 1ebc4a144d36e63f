/*
 * A program under test that misbehaves as its one argument says, in ways that take a program which is
 * nearer to the machine than subject.py: it is fast, and it dies by signals.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	static char line[1 << 20];
	const char *mode = argc > 1 ? argv[1] : "";

	while (fgets(line, sizeof line, stdin)) {
		char *number = strstr(line, "\"number\":");

		if (strncmp(line, "{\"hello\"", 8) == 0) {
			puts("{\"hello\":{\"protocol\":1,\"name\":\"made up in C\",\"version\":\"1\","
			     "\"vendors\":[\"svm\"]}}");
		} else if (strncmp(line, "{\"case\"", 7) == 0 && number) {
			if (strcmp(mode, "segfault") == 0)
				raise(SIGSEGV);
			if (strcmp(mode, "endless-line") == 0)
				for (;;)
					fputs("{\"observation\":", stdout);
			if (strcmp(mode, "endless-lines") == 0)
				for (;;)
					puts("{\"observation\":{}}");
			if (strcmp(mode, "endless-spaces") == 0)
				for (;;)
					puts("");
			printf("{\"observation\":{\"number\":%d,\"kind\":\"retired\",\"registers\":{},"
			       "\"others\":\"state\"}}\n", atoi(number + 9));
		} else if (strncmp(line, "{\"end\"", 6) == 0) {
			fputs(line, stdout);
		}
		fflush(stdout);
	}
	return 0;
}
