package dev.precept.generator.plan;

/**
 * Something that holds in every state a form is tested in.
 *
 * @param requirement the same, for the search
 * @param reason for people: why it holds and where that is written
 */
record Law(Requirement requirement, String reason) {}
