# In which order money is applied: over categories, over instalments, over loans.

== 民法典 561: costs, fees, interest, default interest, compound interest, principal
2026-01-05  loan    L1  800.00 CNY  row 2026-02-05 800.00 50.00 10.00  penalty 18.0%
2026-02-10  cost    L1  20.00
# default interest to 15 February: 800.00 x 18% x 10 / 360 = 4.00
2026-02-15  expect  L1  cost 20.00  fee 10.00  interest 50.00  penalty 4.00  principal 800.00  due 884.00
2026-02-15  pay     L1  15.00
2026-02-15  expect  L1  cost 5.00  fee 10.00  interest 50.00  penalty 4.00  principal 800.00
2026-02-15  pay     L1  55.00        # 5.00 + 10.00 + 40.00 = 55.00
2026-02-15  expect  L1  cost 0.00  fee 0.00  interest 10.00  penalty 4.00  principal 800.00
2026-02-15  pay     L1  13.00        # 10.00 + 3.00 = 13.00
2026-02-15  expect  L1  interest 0.00  penalty 1.00  principal 800.00
2026-02-15  pay     L1  101.00       # 1.00 + 100.00 = 101.00
2026-02-15  expect  L1  penalty 0.00  principal 700.00  due 700.00

== Default interest before interest, where the contract says so
2026-01-05  loan    L1  800.00 CNY  row 2026-02-05 800.00 50.00  penalty 18.0%
            order cost,fee,penalty,compound,interest,principal
2026-02-15  pay     L1  10.00        # 4.00 + 6.00 = 10.00
2026-02-15  expect  L1  penalty 0.00  interest 44.00  principal 800.00

== Principal first, where the contract says so
2026-01-05  loan    L1  800.00 CNY  row 2026-02-05 800.00 50.00  penalty 18.0%
            order principal,cost,fee,interest,penalty,compound
2026-02-15  pay     L1  810.00
2026-02-15  expect  L1  principal 0.00  interest 40.00  penalty 4.00
2026-03-15  expect  L1  penalty 4.00  dpd 38     # no principal left to bear it

== Instalment by instalment: the oldest in all its categories
2026-01-05  loan    L1  200.00 CNY  row 2026-02-05 100.00 10.00  row 2026-03-05 100.00 5.00
2026-03-05  pay     L1  110.00
2026-03-05  expect  L1  principal 100.00  interest 5.00  dpd 0

== Category by category: all interest before any principal
2026-01-05  loan    L1  200.00 CNY  row 2026-02-05 100.00 10.00  row 2026-03-05 100.00 5.00  walk by_category
2026-03-05  pay     L1  110.00       # 10.00 + 5.00 + 95.00 = 110.00
2026-03-05  expect  L1  principal 105.00  interest 0.00  dpd 28

== From 91 days past due, principal first
2026-01-05  loan    L1  800.00 CNY  row 2026-02-05 800.00 50.00  late-order-from-dpd 91
2026-05-06  expect  L1  dpd 90
2026-05-06  pay     L1  20.00
2026-05-06  expect  L1  interest 30.00  principal 800.00
2026-05-07  expect  L1  dpd 91
2026-05-07  pay     L1  20.00
2026-05-07  expect  L1  interest 30.00  principal 780.00

== The late order is the contract's own
2026-01-05  loan    L1  800.00 CNY  row 2026-02-05 800.00 50.00 5.00  late-order-from-dpd 31
            late-order fee,principal,cost,interest,penalty,compound
2026-03-08  pay     L1  25.00        # 31 days past due: 5.00 + 20.00 = 25.00
2026-03-08  expect  L1  dpd 31  fee 0.00  principal 780.00  interest 50.00

== Paid in parts
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00 6.00
2026-02-05  pay     L1  6.00
2026-02-06  pay     L1  50.00
2026-02-06  expect  L1  interest 0.00  principal 50.00  dpd 1
2026-02-07  pay     L1  50.00
2026-02-07  expect  L1  due 0.00  status settled  last-paid 2026-02-07

== More than is due is held and used when the next falls due
2026-01-05  loan    L1  300.00 CNY  3 monthly  0%  equal_principal
2026-02-01  pay     L1  250.00
2026-02-01  expect  L1  credit 250.00  due 0.00  not-due 300.00  settle 50.00
2026-02-05  expect  L1  credit 150.00  due 0.00
2026-03-05  expect  L1  credit 50.00  due 0.00  dpd 0
2026-04-05  expect  L1  credit 0.00  due 50.00

== More than all that is owed stays as credit
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  130.00
2026-02-05  expect  L1  credit 30.00  status settled  settle 0.00

== Held money pays a fee as soon as it is charged
2026-01-05  loan    L1  100.00 CNY  row 2026-03-05 100.00
2026-02-01  pay     L1  30.00
2026-02-10  fee     L1  20.00
2026-02-10  expect  L1  fee 0.00  credit 10.00

== Two payments of one day are applied in the order they were learnt
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00 10.00
2026-02-05  pay     L1  5.00
2026-02-05  pay     L1  7.00
2026-02-05  expect  L1  interest 0.00  principal 98.00

== What falls due on the day of a payment is paid by it
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-05  pay     L1  100.00
2026-02-05  expect  L1  due 0.00  status settled  credit 0.00

== 民法典 560: the debtor's own designation comes first
2026-03-01  debt    A  CNY  due 500.00  not-due 1,000.00  unsecured  18.0%  since 2026-01-05
2026-03-01  debt    B  CNY  due 300.00  not-due 0.00      secured     6.0%  since 2026-02-05
2026-03-01  share   200.00 CNY  for B   ->  B 200.00  left 0.00
2026-03-01  share   400.00 CNY  for B   ->  B 300.00  A 100.00  left 0.00
2026-03-01  share   400.00 CNY  for B,A ->  B 300.00  A 100.00  left 0.00
2026-03-01  share   700.00 CNY  for A   ->  A 700.00  left 0.00

== 民法典 560: what is due before what is not
2026-03-01  debt    A  CNY  due 0.00    not-due 1,000.00  unsecured  18.0%  since 2026-01-05
2026-03-01  debt    B  CNY  due 300.00  not-due 700.00    secured     6.0%  since 2026-02-05
2026-03-01  share   250.00 CNY    ->  B 250.00  left 0.00
2026-03-01  share   400.00 CNY    ->  B 300.00  A 100.00  left 0.00
2026-03-01  share   2,100.00 CNY  ->  B 1,000.00  A 1,000.00  left 100.00

== 民法典 560: of debts due, the least secured
2026-03-01  debt    A  CNY  due 300.00  not-due 0.00  secured    24.0%  since 2026-01-05
2026-03-01  debt    B  CNY  due 300.00  not-due 0.00  unsecured   6.0%  since 2026-02-05
2026-03-01  share   400.00 CNY  ->  B 300.00  A 100.00  left 0.00

== 民法典 560: equally secured, the heavier burden
2026-03-01  debt    A  CNY  due 300.00  not-due 0.00  unsecured   6.0%  since 2026-01-05
2026-03-01  debt    B  CNY  due 300.00  not-due 0.00  unsecured  24.0%  since 2026-02-05
2026-03-01  share   400.00 CNY  ->  B 300.00  A 100.00  left 0.00

== 民法典 560: equally heavy, the one due first
2026-03-01  debt    A  CNY  due 300.00  not-due 0.00  unsecured  6.0%  since 2026-02-05
2026-03-01  debt    B  CNY  due 300.00  not-due 0.00  unsecured  6.0%  since 2026-01-05
2026-03-01  share   400.00 CNY  ->  B 300.00  A 100.00  left 0.00

== 民法典 560: due on the same day, in proportion; the odd cents to the largest fractions
2026-03-01  debt    A  CNY  due 300.00  not-due 0.00  unsecured  6.0%  since 2026-01-05
2026-03-01  debt    B  CNY  due 600.00  not-due 0.00  unsecured  6.0%  since 2026-01-05
# 100.00 x 300 / 900 = 33.33; 100.00 x 600 / 900 = 66.67
2026-03-01  share   100.00 CNY  ->  A 33.33  B 66.67  left 0.00
2026-03-01  debt    C  CNY  due 300.00  not-due 0.00  unsecured  6.0%  since 2026-01-05
# 0.02 over 300, 600 and 300: half a cent, a cent, half a cent; the first of equals takes the odd one
2026-03-01  share   0.02 CNY  ->  A 0.01  B 0.01  left 0.00
2026-03-01  share   0.02 CNY  remainder first  ->  A 0.01  B 0.01  left 0.00
2026-03-01  share   0.02 CNY  remainder last   ->  B 0.01  C 0.01  left 0.00
# 0.01 over 300, 600 and 300: the half cent is the largest fraction, the first and the last are a quarter
2026-03-01  share   0.01 CNY  ->  B 0.01  left 0.00
2026-03-01  share   0.01 CNY  remainder first  ->  A 0.01  left 0.00
2026-03-01  share   0.01 CNY  remainder last   ->  C 0.01  left 0.00
