package dev.precept.cases;

/**
 * One thing an outcome carried that the expectation does not allow.
 *
 * @param name {@code outcome}, a field ({@code EXITINFO1}), a register ({@code CR2}) or {@code
 *     memory 12345h}
 * @param expected what had to be there, for people
 * @param actual what was there
 */
public record Difference(String name, String expected, String actual) {}
