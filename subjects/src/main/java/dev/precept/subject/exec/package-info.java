/**
 * {@code exec:COMMAND}: any program as a subject, by JSON lines on its standard input and output
 * (docs/subjects.md; schema: docs/schema/protocol.schema.json).
 *
 * <p>A program may hang, die, flood, lie or talk nonsense. What it held then is tried once more,
 * alone, and after that is an observation that says so: never a pass, and never the end of the run.
 */
package dev.precept.subject.exec;
