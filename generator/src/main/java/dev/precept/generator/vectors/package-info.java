/**
 * Test vectors: the planned cases and what the tables allow, as JSON files for projects that want
 * neither Java nor a run of Precept (docs/vectors.md).
 */
package dev.precept.generator.vectors;
