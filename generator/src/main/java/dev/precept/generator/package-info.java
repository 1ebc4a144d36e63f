/**
 * From checked tables to cases and test sources: {@link dev.precept.generator.Generator} is the way
 * in.
 *
 * <p>{@code plan} decides which assignments are worth a case, {@code state} makes an assignment
 * concrete, {@code oracle} says what the tables allow, {@code render} writes the sources. Knows no
 * emulator.
 */
package dev.precept.generator;
