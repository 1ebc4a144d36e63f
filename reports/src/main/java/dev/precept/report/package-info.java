/**
 * What a run found, as data ({@link dev.precept.report.Result} and its log), and what people and
 * other programs read: the HTML report, JUnit XML, SARIF and the summary.
 *
 * <p>Knows cases and tables, never an emulator or a subject: a report can be made from a results
 * file alone.
 */
package dev.precept.report;
