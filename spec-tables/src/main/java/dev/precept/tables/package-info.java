/**
 * The specification tables as typed records, each with the place in the CSV file it came from.
 *
 * <p>{@link dev.precept.tables.Tables} is the whole of one vendor's tables after every check has
 * passed; reading and checking live in {@code dev.precept.tables.load}, the expression language in
 * {@code dev.precept.tables.expr}. Knows nothing of any emulator.
 */
package dev.precept.tables;
