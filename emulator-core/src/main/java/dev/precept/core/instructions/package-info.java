/** The instruction families, a class a chapter; each has {@code register(OpcodeMap)}. */
package dev.precept.core.instructions;
