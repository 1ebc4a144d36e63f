/**
 * Cases, observations and expectations as JSON: the one encoding that the line protocol of {@code
 * exec:} subjects (docs/subjects.md) and the test vectors (docs/vectors.md) share.
 *
 * <p>Cases differ little from one another, so a case is written as what it has differently from a
 * <em>template</em>, and a template's memory as what it has differently from an <em>image</em>;
 * both are sent once and referred to by name. Numbers of up to 64 bits are strings ({@code
 * "0x1f"}), because many JSON readers hold numbers as doubles; bytes are hex, because people read
 * them and ten lines of C can. Reading is strict: a member that nobody knows is a mistake, not an
 * extension.
 *
 * <p>Uses {@code dev.precept.cases} and Jackson, nothing else.
 */
package dev.precept.cases.json;
