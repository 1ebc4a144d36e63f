/**
 * What the tables allow a case to end in, with everything an outcome carries: the winning checks by
 * their order, and of each the exit information, saved state, exception frame and memory.
 */
package dev.precept.generator.oracle;
