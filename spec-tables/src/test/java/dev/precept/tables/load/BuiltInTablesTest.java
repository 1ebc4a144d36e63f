package dev.precept.tables.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.tables.ExitControl;
import dev.precept.tables.Field;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tables that come with Precept. */
class BuiltInTablesTest {
  @Test
  void theIndexListsExactlyTheFilesThereAre() throws IOException {
    List<String> there = TableSource.folder(Path.of("src/main/resources/tables")).files();
    assertThat(TableSource.builtIn().files()).containsExactlyElementsOf(there);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void theTablesLoadWithoutErrorsOrWarnings(String vendor) {
    assertThat(TableLoader.load(vendor).problems()).isEmpty();
  }

  @Test
  void theWidthOfAVmcsFieldIsThatOfItsEncoding() {
    // SDM vol. 3, 24.11.2, table 24-17: bits 14:13.
    Map<Integer, Integer> widths = Map.of(0, 2, 1, 8, 2, 4, 3, 8);
    assertThat(TableLoader.load("vmx").orThrow().fields().values())
        .allSatisfy(
            field -> assertThat(field.width()).isEqualTo(widths.get(field.offset() >> 13 & 3)));
  }

  @Test
  void anEncodingHasNoReservedBitAndIsThatOfTheWholeField() {
    assertThat(TableLoader.load("vmx").orThrow().fields().values())
        .extracting(Field::offset)
        .allSatisfy(encoding -> assertThat(encoding & ~0x6FFE).isZero());
  }

  @Test
  void whatAVmcsFieldSavesIsGuestState() {
    assertThat(TableLoader.load("vmx").orThrow().fields().values())
        .filteredOn(field -> !field.register().isEmpty())
        .allSatisfy(field -> assertThat(field.offset() >> 10 & 3).isEqualTo(2));
  }

  /** Some of appendices B and C, by hand. */
  @ParameterizedTest
  @CsvSource({
    "hlt, 0x4002, 7, 12",
    "invlpg, 0x4002, 9, 14",
    "rdtsc, 0x4002, 12, 16",
    "cr3_load, 0x4002, 15, 28",
    "mov_dr, 0x4002, 23, 29",
    "io_bitmap, 0x4002, 25, 30",
    "pause, 0x4002, 30, 40",
    "descriptor_table, 0x401E, 2, 46",
    "wbinvd, 0x401E, 6, 54",
    "encls, 0x401E, 15, 60",
    "exc_pf, 0x4004, 14, 0",
    "external_interrupt, 0x4000, 0, 1",
    "loadiwkey, 0x2034, 0, 69",
  })
  void anExitHasItsControlAndReason(String exit, String field, int bit, long reason) {
    Tables tables = TableLoader.load("vmx").orThrow();

    assertThat(tables.exits().get(exit).control())
        .contains(new ExitControl.ControlBit(Integer.decode(field), bit));
    assertThat(tables.exits().get(exit).code()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "cpuid, 10",
    "getsec, 11",
    "invd, 13",
    "vmcall, 18",
    "vmclear, 19",
    "vmlaunch, 20",
    "vmptrld, 21",
    "vmptrst, 22",
    "vmread_mem, 23",
    "vmresume, 24",
    "vmwrite_mem, 25",
    "vmxoff, 26",
    "vmxon, 27",
    "invept, 50",
    "invvpid, 53",
    "xsetbv, 55",
    "task_switch, 9",
    "triple_fault, 2",
    "tpr_threshold, 43",
    "invpcid, 58",
    "vmfunc, 59",
    "xsaves, 63",
    "xrstors, 64",
    "umwait, 67",
    "tpause, 68",
    "enqcmd, 72",
    "rdmsrlist, 78",
    "wrmsrlist, 79",
  })
  void anExitWithoutABitOfItsOwnHasItsReason(String exit, long reason) {
    ExitControl control = TableLoader.load("vmx").orThrow().exits().get(exit);

    assertThat(control.control()).isEmpty();
    assertThat(control.code()).isEqualTo(reason);
  }
}
