package dev.precept.tables;

import dev.precept.tables.expr.Expr;

/**
 * A piece of state that an instruction writes.
 *
 * @param target {@code rax}, {@code cr0}, {@code gdtr.base}, {@code dr6[13]}, {@code mem[10]} (the
 *     memory operand's bytes, little-endian), {@code rip}
 * @param value the new value over the concrete state before the instruction; {@code ?} where it is
 *     not specified
 */
public record Effect(String target, Expr value) {}
