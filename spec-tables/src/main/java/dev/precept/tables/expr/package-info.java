/** The tables' expression language: parsing, printing, evaluation over whole and partial states. */
package dev.precept.tables.expr;
