/**
 * Intel's Virtual-Machine Extensions: the strategy {@link dev.precept.core.vmx.Vmx}, its
 * instructions, the VMCS, the controls and the exit reasons. Uses {@code dev.precept.core} and
 * nothing else; nothing in {@code dev.precept.core} knows of it.
 *
 * <p>Source: SDM vol. 3C, chapters 23 to 30, vol. 3D, appendices A to C. Section and table numbers
 * are those of the printing of June 2016 (order number 325384-059US); what came later is named by
 * its title.
 */
package dev.precept.core.vmx;
