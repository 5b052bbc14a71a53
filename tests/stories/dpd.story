# Days past due: as-of day minus due day of the oldest instalment that is not fully paid; stage by it.

== Every boundary of the stages
2025-01-01  loan    L1  100.00 CNY  row 2025-02-01 100.00
2025-02-01  expect  L1  dpd 0    stage M0
2025-02-02  expect  L1  dpd 1    stage M1
2025-03-03  expect  L1  dpd 30   stage M1
2025-03-04  expect  L1  dpd 31   stage M2
2025-04-02  expect  L1  dpd 60   stage M2
2025-04-03  expect  L1  dpd 61   stage M3
2025-05-02  expect  L1  dpd 90   stage M3
2025-05-03  expect  L1  dpd 91   stage M4
2025-06-01  expect  L1  dpd 120  stage M4
2025-06-02  expect  L1  dpd 121  stage M5
2025-07-01  expect  L1  dpd 150  stage M5
2025-07-02  expect  L1  dpd 151  stage M6
2025-07-31  expect  L1  dpd 180  stage M6
2025-08-01  expect  L1  dpd 181  stage M6+

== Paying the oldest instalment ages the loan by the next
2026-01-05  loan    L1  300.00 CNY  3 monthly  0%  equal_principal
2026-03-20  expect  L1  dpd 43  oldest 2026-02-05  due 200.00
2026-03-20  pay     L1  100.00
2026-03-20  expect  L1  dpd 15  oldest 2026-03-05  due 100.00
2026-03-21  pay     L1  99.99
2026-03-21  expect  L1  dpd 16  due 0.01
2026-03-22  pay     L1  0.01
2026-03-22  expect  L1  dpd 0  stage M0  oldest none

== Unpaid default interest alone is no day past due
2026-01-05  loan    L1  1,000.00 CNY  row 2026-02-05 1,000.00  penalty 18.0%
            order cost,fee,interest,principal,penalty,compound
2026-02-15  pay     L1  1,000.00
# 1,000.00 x 18% x 10 / 360 = 5.00
2026-03-15  expect  L1  dpd 0  penalty 5.00  due 5.00  overdue 5.00  status active

== Fees and costs outside the schedule are due, but do not age the loan
2026-01-05  loan    L1  100.00 CNY  row 2026-06-05 100.00
2026-02-01  fee     L1  20.00
2026-02-02  cost    L1  30.00
2026-03-01  expect  L1  dpd 0  fee 20.00  cost 30.00  due 50.00  overdue 50.00  oldest none

== Tolerance: an instalment short by no more counts as paid
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00  tolerance 1.00
2026-02-05  pay     L1  98.99
2026-02-10  expect  L1  dpd 5  due 1.01
2026-02-11  pay     L1  0.01
2026-02-11  expect  L1  dpd 0  due 1.00  oldest none

== Materiality: an amount that must be passed
2026-01-05  loan    L1  300.00 CNY  3 monthly  0%  equal_principal  materiality 100.00
2026-02-15  expect  L1  dpd 0  overdue 100.00    # 100.00 is not above 100.00
2026-03-05  expect  L1  dpd 0
2026-03-06  expect  L1  dpd 29                   # 200.00 is; counted from 5 February

== Materiality: a part of the principal outstanding that must be passed
2026-01-05  loan    L1  10,000.00 CNY  row 2026-02-05 100.00  row 2026-03-05 100.00  row 2026-12-05 9,800.00
            materiality-part 1%
# 1% of 10,000.00: 10,000.00 x 1% = 100.00, and 100.00 is not above it
2026-02-15  expect  L1  dpd 0
2026-03-06  expect  L1  dpd 29

== Grace forgiven: nothing is counted if paid within, else all days
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00  grace-days 3  dpd-grace forgive
2026-02-08  expect  L1  dpd 0
2026-02-09  expect  L1  dpd 4  stage M1

== Grace shifts: counted from its end
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00  grace-days 3  dpd-grace shift
2026-02-08  expect  L1  dpd 0
2026-02-09  expect  L1  dpd 1

== Grace ignored for the day counter
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00  grace-days 3  dpd-grace ignore
2026-02-06  expect  L1  dpd 1

== Grace given later holds for instalments due from then on
2026-01-05  loan    L1  200.00 CNY  row 2026-02-05 100.00  row 2026-03-05 100.00  dpd-grace shift
2026-02-20  grace   L1  5
2026-02-25  expect  L1  dpd 20
2026-02-26  pay     L1  100.00
2026-03-10  expect  L1  dpd 0
2026-03-11  expect  L1  dpd 1

== A pause of the day counter: it stands still and goes on
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-15  pause   L1  dpd  until 2026-03-01
2026-02-15  expect  L1  dpd 10
2026-02-28  expect  L1  dpd 10
2026-03-01  expect  L1  dpd 10
2026-03-02  expect  L1  dpd 11

== What falls due within a pause begins to count at its end
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-01  pause   L1  dpd  until 2026-03-01
2026-03-01  expect  L1  dpd 0  due 100.00
2026-03-11  expect  L1  dpd 10

== A pause without an end
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-15  pause   L1  dpd
2027-02-15  expect  L1  dpd 10

== A pause learnt late counts from the day it began
2026-01-05  loan    L1  100.00 CNY  row 2026-02-05 100.00
2026-02-15  pause   L1  dpd  until 2026-03-01  known 2026-03-10
2026-03-11  expect  L1  dpd 34  as-known 2026-03-09
2026-03-11  expect  L1  dpd 20  as-known 2026-03-10

== Re-ageing starts the counter anew; what is due stays due
2026-01-05  loan    L1  300.00 CNY  3 monthly  0%  equal_principal
2026-03-20  re-age  L1
2026-03-19  expect  L1  dpd 42  due 200.00
2026-03-20  expect  L1  dpd 0   due 200.00  overdue 200.00
2026-03-30  expect  L1  dpd 10  due 200.00
2026-04-10  expect  L1  dpd 21  due 300.00

== A plan beside the contract: two counters
2026-01-05  loan    L1  600.00 CNY  row 2026-02-05 600.00
2026-03-01  plan    L1  row 2026-03-15 200.00  row 2026-04-15 200.00  row 2026-05-15 200.00
2026-03-01  expect  L1  dpd 24  plan-dpd 0
2026-03-15  expect  L1  dpd 38  plan-dpd 0
2026-03-16  expect  L1  dpd 39  plan-dpd 1
2026-03-17  pay     L1  200.00
2026-03-17  expect  L1  dpd 40  plan-dpd 0  due 400.00
2026-04-20  pay     L1  150.00
2026-04-20  expect  L1  dpd 74  plan-dpd 5
2026-04-21  plan    L1  ends
2026-04-21  expect  L1  dpd 75  plan-dpd 75

== A plan counts money from its own day on only
2026-01-05  loan    L1  600.00 CNY  row 2026-02-05 600.00
2026-02-28  pay     L1  200.00
2026-03-01  plan    L1  row 2026-03-15 200.00  row 2026-04-15 200.00
2026-03-20  expect  L1  dpd 43  plan-dpd 5

== A pause moves the counter of an instalment that tolerance takes for paid by nothing
2026-01-05  loan    L1  200.00 CNY  row 2026-02-05 100.00  row 2026-03-05 100.00  tolerance 1.00
2026-02-05  pay     L1  99.00
2026-02-15  pause   L1  dpd  until 2026-02-25
2026-02-25  expect  L1  dpd 0
2026-03-10  expect  L1  dpd 5

== Grace that is given does not reach back to instalments already due
2026-01-05  loan    L1  200.00 CNY  row 2026-02-05 100.00  row 2026-03-05 100.00  dpd-grace shift
2026-03-05  grace   L1  5
2026-03-08  pay     L1  100.00
2026-03-08  expect  L1  dpd 0  due 100.00
2026-03-11  expect  L1  dpd 1
