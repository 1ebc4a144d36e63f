package dev.precept.tables.expr;

/** A part of a compiled condition that is a number; every variable it needs has a class. */
@FunctionalInterface
interface NumberNode {
  long value(int[] classes);
}
