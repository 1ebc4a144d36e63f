/**
 * Machines that boot the bare-metal runner (folder {@code bare-metal}) and run cases under real
 * VMRUN or VMLAUNCH: QEMU, Bochs, KVM. docs/subjects.md says how to use them,
 * docs/runner-protocol.md what the runner and this package say to each other.
 *
 * <p>Uses {@code dev.precept.cases} and the JDK only. Nothing here judges an outcome or knows the
 * tables.
 */
package dev.precept.subject.metal;
