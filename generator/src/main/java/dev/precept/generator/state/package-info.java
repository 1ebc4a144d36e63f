/**
 * Makes assignments concrete: registers, tables in memory, control block and instruction bytes, by
 * the places and builders of docs/tables.md. Knows the tables and the shape of a case, and nothing
 * of any subject.
 */
package dev.precept.generator.state;
