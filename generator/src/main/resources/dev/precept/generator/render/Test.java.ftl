package ${view.packageName()};

import dev.precept.junit.Cases;
import dev.precept.junit.Claim;
import dev.precept.junit.Form;
import dev.precept.junit.PreceptCase;

/**
 * ${view.heading()}
<#list view.paragraphs() as paragraph>
 *
 * <p>${paragraph}
</#list>
 */
@Form(vendor = ${view.vendor()}, id = ${view.form()})
class ${view.name()}Test {
<#list view.methods() as method>

  /**
   * ${method.claim()}
   *
   * <p>Expect: ${method.expect()}
   *
   * <p>Source: ${method.citation()}
   */
  @Claim(
      kind = ${method.kind()},
      text = ${method.claimText()},
      expect = ${method.expectText()},
      first = ${method.first()},
      second = ${method.second()},
      source = ${method.source()},
      row = ${method.row()},
      reveals = ${method.reveals()})
  @Cases({
<#list method.rows() as row>
    ${row}<#sep>,</#sep>
</#list>
  })
  void ${method.name()}(PreceptCase c) {
    c.holds();
  }
</#list>
}
