package dev.precept.cases;

import java.util.List;

/**
 * Everything the tables say about one case.
 *
 * @param allowed the outcomes that hold; more than one where the manual leaves the order open
 * @param outranked what the other armed checks would have brought about: a subject that shows one
 *     of these took a check that an earlier one outranks
 */
public record Expectation(List<Expected> allowed, List<Expected> outranked) {}
