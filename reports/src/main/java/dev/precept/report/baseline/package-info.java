/**
 * Files of known violations: their format, what they say of a run, and how they are brought up to
 * date. docs/baseline.md describes them for users.
 */
package dev.precept.report.baseline;
