package dev.precept.cases;

import java.util.List;

/**
 * A verdict with its reasons.
 *
 * @param verdict the verdict
 * @param expected the allowed outcome that was met, or the one that came nearest
 * @param taken id of the outranked check that the subject took, for a precedence violation; else
 *     empty
 * @param differences what differs from {@code expected}; empty where it holds
 */
public record Judgement(
    Verdict verdict, Expected expected, String taken, List<Difference> differences) {}
