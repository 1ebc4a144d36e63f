package dev.precept.tables;

import dev.precept.tables.expr.Expr;

/** A name for an expression over state variables, usable wherever a variable is. */
public record Definition(
    String name, Expr expression, String meaning, Citation citation, Origin origin) {}
