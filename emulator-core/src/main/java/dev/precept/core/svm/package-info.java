/**
 * AMD's Secure Virtual Machine: the strategy {@link dev.precept.core.svm.Svm}, its instructions,
 * the VMCB's layout and the exit codes. Uses {@code dev.precept.core} and nothing else; nothing in
 * {@code dev.precept.core} knows of it.
 *
 * <p>Source: APM vol. 2, chapter 15 and appendices B and C.
 */
package dev.precept.core.svm;
