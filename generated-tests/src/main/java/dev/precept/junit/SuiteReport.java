package dev.precept.junit;

import dev.precept.report.ClauseRecord;
import dev.precept.report.CoverageGap;
import dev.precept.report.PairRecord;
import java.util.List;
import java.util.SortedMap;

/**
 * What is known when a suite has run, beside the results.
 *
 * @param pairs what became of every pair of checks of the forms that were planned
 * @param pairPositions places of the pairs in the run of which this is a share
 * @param gaps table rows that no case covers
 * @param clauses what became of every variable of every condition
 * @param millis wall-clock milliseconds by phase: plan, write, compile, prerun, run
 * @param compiled sources that had to be compiled
 */
public record SuiteReport(
    List<PairRecord> pairs,
    List<Integer> pairPositions,
    List<CoverageGap> gaps,
    List<ClauseRecord> clauses,
    SortedMap<String, Long> millis,
    int compiled) {}
