/**
 * What is fuzzed: a class for each target, with a method that takes bytes and throws if what must
 * hold of any bytes does not.
 *
 * <p>{@code fuzz.core} knows the emulator core and nothing of the tables, {@code fuzz.tables} the
 * tables and nothing of the core, {@code fuzz.messages} what programs and files tell Precept. They
 * use this package and not one another.
 */
package dev.precept.fuzz;
