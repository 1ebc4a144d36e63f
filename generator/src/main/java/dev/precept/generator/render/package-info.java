/**
 * Test sources from a plan: view records that decide everything, and FreeMarker templates that hold
 * layout only. Nothing from a table reaches a source but through {@link
 * dev.precept.generator.render.JavaText}.
 */
package dev.precept.generator.render;
