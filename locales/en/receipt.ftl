# Receipts, as pages and for printing.

buyer = Bought by
country = Country
credit-note = Credit note { $number }, { $day }
credit-note-number = Credit note number
credit-note-title = Credit note
discount = Discount
given-back-on = Given back on
given-back-total = Total given back
invoice-number = Invoice number
invoice-title = Invoice
issued-on = Issued on
order = Order
paid-by-credit = Paid by store credit
paid-by-money = Paid otherwise
paid-on = Paid on
price = Price
product = Product
receipt-title = Receipt
receipt-total = Total
refund = Given back, { $day }
refund-to-credit = Of it, as store credit
subtotal = Subtotal
tax-added = Tax of { $rate } %
tax-id = Tax ID: { $id }
tax-included = { $rate } % tax included
