"""Which JSON keys each object may carry: anything else is refused with 2010 (facts 2.6)."""

from __future__ import annotations

from typing import Any

from integrations.emulator import faults
from integrations.emulator.jsontext import Json

COMMON = "Id SyncToken MetaData domain sparse status CustomField AttachableRef HeaderFull"
NAME = (
    "IntuitId Organization Title GivenName MiddleName FamilyName Suffix FullyQualifiedName "
    "CompanyName DisplayName PrintOnCheckName UserId Active V4IDPseudonym PrimaryPhone "
    "AlternatePhone Mobile Fax OtherContactInfo PrimaryEmailAddr WebAddr OtherAddr "
    "DefaultTaxCodeRef"
)
SALE = (
    "DocNumber TxnDate DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus LinkedTxn Line "
    "TxnTaxDetail TxnSource TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo "
    "RecurDataRef RecurringInfo ProjectRef TaxExemptionRef AutoDocNumber CustomerRef CustomerMemo "
    "BillAddr ShipAddr ShipFromAddr FreeFormAddress RemitToRef ClassRef SalesTermRef DueDate "
    "SalesRepRef PONumber FOB ShipMethodRef ShipDate TrackingNum GlobalTaxCalculation TotalAmt "
    "HomeTotalAmt ApplyTaxAfterDiscount TemplateRef PrintStatus EmailStatus BillEmail BillEmailCc "
    "BillEmailBcc ARAccountRef Balance HomeBalance FinanceCharge PaymentMethodRef PaymentRefNum "
    "PaymentType DepositToAccountRef DeliveryInfo DiscountRate DiscountAmt GovtTxnRefIdentifier "
    "InvoiceStatus CallToAction InvoiceStatusLog"
)

PROPERTIES: dict[str, frozenset[str]] = {
    name: frozenset((COMMON + " " + keys).split())
    for name, keys in {
        "Customer": NAME + " Taxable TaxExemptionReasonId BillAddr ShipAddr ContactName "
        "AltContactName Notes Job BillWithParent RootCustomerRef ParentRef Level CustomerTypeRef "
        "SalesTermRef SalesRepRef TaxGroupCodeRef TaxRateRef PaymentMethodRef CCDetail "
        "PriceLevelRef Balance OpenBalanceDate BalanceWithJobs CreditLimit AcctNum CurrencyRef "
        "OverDueBalance TotalRevenue TotalExpense PreferredDeliveryMethod ResaleNum JobInfo "
        "TDSEnabled CustomerEx SecondaryTaxIdentifier ARAccountRef PrimaryTaxIdentifier "
        "TaxExemptionReasonId IsProject BusinessNumber GSTIN GSTRegistrationType "
        "IsCISContractor ClientCompanyId ClientEntityId Source",
        "Vendor": NAME + " BillAddr BillRate Balance AcctNum Vendor1099 CurrencyRef TaxIdentifier "
        "TermRef CostRate HasTPAR",
        "Employee": NAME + " PrimaryAddr SSN EmployeeNumber BillableTime HiredDate ReleasedDate "
        "Gender BirthDate",
        "Item": "ItemEx Name Sku Description Active SubItem ParentRef Level FullyQualifiedName "
        "Taxable SalesTaxIncluded PercentBased UnitPrice RatePercent Type PaymentMethodRef "
        "UOMSetRef IncomeAccountRef PurchaseDesc PurchaseTaxIncluded PurchaseCost "
        "ExpenseAccountRef COGSAccountRef AssetAccountRef PrefVendorRef AvgCost TrackQtyOnHand "
        "QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder ReorderPoint ManPartNum DepositToAccountRef "
        "SalesTaxCodeRef PurchaseTaxCodeRef InvStartDate BuildPoint PrintGroupedItems "
        "SpecialItem SpecialItemType ItemGroupDetail ItemAssemblyDetail AbatementRate "
        "ReverseChargeRate ServiceType ItemCategoryType ClassRef TaxClassificationRef "
        "UQCDisplayText "
        "UQCId DeferredRevenue Source",
        "Invoice": SALE + " Deposit AllowIPNPayment AllowOnlinePayment "
        "AllowOnlineCreditCardPayment "
        "AllowOnlineACHPayment EInvoiceStatus ECloudStatusTimeStamp InvoiceEx LessCIS InvoiceLink",
        "CreditMemo": SALE + " RemainingCredit InvoiceRef CreditMemoEx",
        "Payment": "DocNumber TxnDate DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus "
        "LinkedTxn Line TxnTaxDetail TxnSource TaxFormType CustomerRef RemitToRef ARAccountRef "
        "DepositToAccountRef PaymentMethodRef PaymentRefNum PaymentType CheckPayment "
        "CreditCardPayment TotalAmt UnappliedAmt ProcessPayment PaymentEx ProjectRef",
        "Account": "Name SubAccount ParentRef Description FullyQualifiedName AccountAlias "
        "TxnLocationType "
        "Active Classification AccountType AccountSubType AccountPurposes AcctNum AcctNumExtn "
        "BankNum "
        "OpeningBalance OpeningBalanceDate CurrentBalance CurrentBalanceWithSubAccounts "
        "CurrencyRef "
        "TaxAccount TaxCodeRef OnlineBankingEnabled FIName JournalCodeRef AccountEx",
        "TaxCode": "Name Description Active Hidden Taxable TaxGroup SalesTaxRateList "
        "PurchaseTaxRateList AdjustmentTaxRateList TaxCodeEx TaxCodeConfigType",
        "TaxRate": "Name Description Active RateValue AgencyRef TaxReturnLineRef EffectiveTaxRate "
        "SpecialTaxType DisplayType TaxRateEx OriginalTaxRate",
        "Term": "Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue "
        "DueNextMonthDays DiscountDayOfMonth SalesTermEx",
        "PaymentMethod": "Name Active Type PaymentMethodEx",
        "Class": "Name SubClass ParentRef FullyQualifiedName Active ClassEx",
        "Department": "Name SubDepartment ParentRef FullyQualifiedName Active Address DepartmentEx",
        "CompanyInfo": "CompanyName LegalName CompanyAddr CustomerCommunicationAddr LegalAddr "
        "CompanyEmailAddr CustomerCommunicationEmailAddr CompanyURL PrimaryPhone OtherContactInfo "
        "CompanyFileName FlavorStratum SampleFile CompanyUserId CompanyUserAdminEmail "
        "CompanyStartDate EmployerId FiscalYearStartMonth TaxYearStartMonth QBVersion Country "
        "ShipAddr OtherAddr Mobile Fax Email WebAddr LastImportedTime LastSyncTime "
        "SupportedLanguages DefaultTimeZone MultiByteCharsSupported NameValue "
        "FifoCalculationStatus "
        "CompanyInfoEx",
        "Preferences": "AccountingInfoPrefs AdvancedInventoryPrefs ProductAndServicesPrefs "
        "SalesFormsPrefs PrintDocumentPrefs EmailMessagesPrefs VendorAndPurchasesPrefs "
        "TimeTrackingPrefs TaxPrefs FinanceChargesPrefs CurrencyPrefs ReportPrefs OtherPrefs",
    }.items()
}

PARTS: dict[str, frozenset[str]] = {
    name: frozenset(keys.split())
    for name, keys in {
        "Line": "Id LineNum Description Amount Received LinkedTxn DetailType PaymentLineDetail "
        "DiscountLineDetail TaxLineDetail SalesItemLineDetail DescriptionLineDetail "
        "SubTotalLineDetail GroupLineDetail DepositLineDetail CustomField LineEx CustomExtensions "
        "ProjectRef SalesOrderItemLineDetail",
        "SalesItemLineDetail": "ItemRef ClassRef UnitPrice RatePercent PriceLevelRef MarkupInfo "
        "Qty "
        "UOMRef ItemAccountRef InventorySiteRef TaxCodeRef TaxClassificationRef ServiceDate "
        "DiscountRate DiscountAmt TaxInclusiveAmt DeferredRevenue SalesItemLineDetailEx",
        "DiscountLineDetail": "Discount ServiceDate ClassRef TaxCodeRef DiscountAccountRef "
        "PercentBased DiscountPercent DiscountRef DiscountLineDetailEx",
        "DescriptionLineDetail": "ServiceDate TaxCodeRef DescriptionLineDetailEx",
        "SubTotalLineDetail": "ItemRef ClassRef UnitPrice Qty TaxCodeRef ServiceDate",
        "GroupLineDetail": "GroupItemRef Quantity UOMRef ServiceDate Line GroupLineDetailEx",
        "PhysicalAddress": "Id Line1 Line2 Line3 Line4 Line5 City Country CountryCode County "
        "CountrySubDivisionCode PostalCode PostalCodeSuffix Lat Long Tag Note",
        "EmailAddress": "Id Address Default Tag",
        "TelephoneNumber": "Id DeviceType CountryCode AreaCode ExchangeCode Extension "
        "FreeFormNumber "
        "Default Tag",
        "ReferenceType": "value name type",
        "LinkedTxn": "TxnId TxnType TxnLineId",
        "TxnTaxDetail": "DefaultTaxCodeRef TxnTaxCodeRef TotalTax TaxReviewStatus TaxLine "
        "UseAutomatedSalesTax",
        "MemoRef": "value id",
    }.items()
}

TYPES = {
    "BillEmail": "EmailAddress",
    "BillEmailCc": "EmailAddress",
    "BillEmailBcc": "EmailAddress",
    "PrimaryEmailAddr": "EmailAddress",
    "PrimaryPhone": "TelephoneNumber",
    "AlternatePhone": "TelephoneNumber",
    "Mobile": "TelephoneNumber",
    "Fax": "TelephoneNumber",
    "BillAddr": "PhysicalAddress",
    "ShipAddr": "PhysicalAddress",
    "ShipFromAddr": "PhysicalAddress",
    "CustomerMemo": "MemoRef",
}


def check_properties(entity: str, sent: Json) -> None:
    """Raises Fault 2010 for the first unknown key at any depth."""
    _check(sent, entity, PROPERTIES[entity])


def _check(value: Json, java_class: str, known: frozenset[str]) -> None:
    for key, inner in value.items():
        if key not in known:
            raise faults.unknown_property(key, java_class, known)
        kind = TYPES.get(key) or ("ReferenceType" if key.endswith("Ref") else key)
        _check_part(inner, kind)


def _check_part(value: Any, kind: str) -> None:
    known = PARTS.get(kind)
    if known is None:
        return
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            _check(part, kind, known)
