package dev.precept.tables;

import dev.precept.tables.expr.Expr;

/** An expression that holds in every state the architecture or the experiment can be in. */
public record Constraint(Expr expression, String reason, Citation citation, Origin origin) {}
