(** * Lower bounds by pulled-back fields

    Along theta(t) as in Transport.v, row a of U(t), U(0) = 1, solves u' = − sum_i c_i(t) u.DX_i(theta(t)), which is − sum_i c_i(t) DX_i(theta(t)).u
    because the Jacobian of a gradient field is symmetric. The coefficients of U(t).X_i(theta(t)) are values at theta(0) of fields of Lie(V).
    [pullback_rank_sound]: rows of U and the curve are given by residues and their equations checked; if a matrix of coefficients has a minor that elimination
    shows to be a unit, Lie(V) at theta(0) has as many independent values. *)
From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Jets Words Gradient Dimension ModP Series Transport SeriesRank Curve Hessian.
Import ListNotations.
Local Open Scope R_scope.

Lemma getA_zip {C A} (O : ops C A) M a b k : getA (dual O) (zip O M a b) k = if Pos.leb k M then (a k, b k) else (oz O, oz O).
Proof. unfold getA, zip. rewrite vbuild_find. now destruct (Pos.leb k M). Qed.
Section Check.
Variables (m : model) (mem : member) (p : Z) (bv : positive -> Q -> option Z) (th : qvec) (fields : list qfield) (ctl : control) (curve : list (list Z)).
Let M := m_nparams m.
Let K := S (length curve).
Let OT := opsT p K (facts p curve).
Let PZ := map (gconv (qmod p) mem) (m_prog m).
Let CM := curve_map m p th curve.
(** row a of U, by coefficients of t, t^2, … *)
Definition row_map (a : positive) (rows : list (list Z)) : PM.t (list Z) :=
  vbuild M (fun i => (if Pos.eqb i a then 1%Z else 0%Z) :: map (fun r => nth (pred (Pos.to_nat i)) r 0%Z) rows).
Definition slopes (gs : list (gfield Z)) (U : PM.t (list Z)) : list (list Z * PM.t (list Z * list Z)) :=
  map (fun ci => (map (qmod p) (fst ci), gradvec (dual OT) PZ (nth (snd ci) gs zfield) (zip OT M (getA OT CM) (getA OT U)))) ctl.
Definition row_rhs (sl : list (list Z * PM.t (list Z * list Z))) (i : positive) : list Z :=
  map (negz p) (fold_right (fun cx acc => addT p (mulT p K (fst cx) (snd (getA (dual OT) (snd cx) i))) acc) [] sl).
Definition check_row (gs : list (gfield Z)) (a : positive) (rows : list (list Z)) : bool :=
  let U := row_map a rows in
  let sl := slopes gs U in
  forallb (fun i =>
    let z := getA OT U i in
    let f := row_rhs sl i in
    forallb (fun k => Z.eqb (Z.modulo (Z.of_nat (S k) * nth (S k) z 0%Z) p) (Z.modulo (nth k f 0%Z) p)) (seq 0 (length curve))) (plist M).
Definition pulled (U X : PM.t (list Z)) : list Z := fold_right (fun j acc => addT p (mulT p K (getA OT U j) (getA OT X j)) acc) [] (plist M).
Definition pullback_rank (adjoint : list (list (list Z))) (cols : list positive) (vectors : list (nat * nat)) : option (nat * Z) :=
  if check_setup m mem p th fields && check_control p fields ctl && forallb (fun c => Pos.leb c M) cols
     && Nat.eqb (length adjoint) (length cols) && forallb (fun ik => Nat.ltb (fst ik) (length fields) && Nat.ltb (snd ik) K) vectors then
    match residue_fields m mem p bv (S (S K)) th fields with
    | Some gs =>
      if units_upto p (length curve) && check_curve m mem p th ctl curve gs && forallb (fun ar => check_row gs (fst ar) (snd ar)) (combine cols adjoint) then
        let Us := map (fun ar => row_map (fst ar) (snd ar)) (combine cols adjoint) in
        let table := map (fun g => let X := gradvec OT PZ g CM in map (fun U => pulled U X) Us) gs in
        match elim p (fuel_of p) (length vectors) (map (fun ik => map (fun z => nth (snd ik) z 0%Z) (nth (fst ik) table [])) vectors) with
        | Some l => Some (length vectors, det_of p l)
        | None => None
        end
      else None
    | None => None
    end
  else None.

Variable RS : residues p.
Hypothesis Hbv : forall v q z, bv v q = Some z -> rep p RS (base (Q2R q) v) z.
Section Sound.
Variable s : positive -> bool -> R -> R.
Hypothesis Hd : act_derivable s.
Hypothesis Hm : poly_acts s mem.
Hypothesis HS : check_setup m mem p th fields = true.
Hypothesis HC : check_control p fields ctl = true.
Variable gs : list (gfield Z).
Variable depth : nat.
Hypothesis HGS : residue_fields m mem p bv depth th fields = Some gs.
Hypothesis HK : check_curve m mem p th ctl curve gs = true.
Hypothesis HU : units_upto p (length curve) = true.
Let PR := map (gconv Q2R mem) (m_prog m).
Let u := qv th.
Let RC := real_control m mem fields ctl.
Variable c : positive -> series.
Hypothesis c0 : forall i, (i <= M)%positive -> c i O = u i.
Hypothesis c_out : forall i, (M < i)%positive -> c i = scst (u i).
Hypothesis c_ode : forall i, (i <= M)%positive -> sder (c i) = rhs RC c i.
Variable lam : positive * positive -> series.
Hypothesis lam0 : forall a j, lam (a, j) O = ebasis a j.
Hypothesis lam_ode : forall a j, sder (lam (a, j)) = sneg (ssum (fun i => smul (lam (a, i)) (jac RC c i j)) (plist M)).
Let CS : PM.t series := vbuild M c.
Let N := length curve.
Let Hp : (1 < p)%Z := proj1 (setup_facts m mem p th fields HS).
Let HOR n (Hn : (n <= N)%nat) : orel (rep p RS) (jets_of (rep p RS) (fun a : series => a O)) (srel p RS K n) opsS OT :=
  opsT_rel p Hp RS K (facts p curve) n (Nat.lt_0_succ _) (facts_ok m p curve RS N n Hp HU (Nat.le_refl N) Hn).

Lemma curve_known n : (n <= N)%nat -> wrel (srel p RS K n) opsS OT CS CM.
Proof.
  intros Hn k. destruct (Pos.leb_spec k M) as [L|L].
  - assert (E : getA opsS CS k = c k).
    { transitivity (if Pos.leb k M then c k else oz opsS); [exact (CS_point m c k)|]. now rewrite (proj2 (Pos.leb_le k M) L). }
    rewrite E.
    exact (curve_rel m mem p bv th fields ctl curve RS Hbv HS HC gs depth HGS HK c c0 c_ode N HU (Nat.le_refl N) n Hn k L).
  - unfold getA, CS, CM, curve_map. rewrite !vbuild_find. fold M. destruct (Pos.leb_spec k M); [lia|]. apply (HOR n Hn).
Qed.
Lemma row_ode a j : (j <= M)%positive -> sder (lam (a, j)) =
  sneg (ssum (fun cX => smul (fst cX) (ssum (fun i => smul (ev opsS c (pd i (snd cX j))) (lam (a, i))) (plist M))) RC).
Proof.
  intros Hj. rewrite lam_ode. f_equal. unfold jac.
  rewrite (ssum_ext _ (fun i => ssum (fun cX : series * (positive -> pe) => smul (fst cX) (smul (ev opsS c (pd i (snd cX j))) (lam (a, i)))) RC)).
  - rewrite ssum_swap. apply ssum_ext. intros cX _. now rewrite ssum_scal.
  - intros i Hi. apply plist_in in Hi. rewrite <- ssum_scal. apply ssum_ext. intros [cc X] HX. cbn [fst snd].
    unfold RC, real_control in HX. apply in_map_iff in HX as (ci & EX & Hci). injection EX as E1 E2. subst cc X.
    destruct (control_fields p fields ctl HC ci Hci) as [A _].
    assert (SF := setup_facts m mem p th fields HS). destruct SF as (_ & Wf & HM & _ & _ & HF).
    rewrite (grad_symmetric m s mem Hd Hm Wf HM (real_field (nth (snd ci) fields dfield)) c i j); [ring| | |exact Hi|exact Hj].
    + apply (field_good_ok m p). apply HF. now apply nth_In.
    + intros k Hk. rewrite c_out by exact Hk. apply sder_cst.
Qed.

Lemma rhs_known a rows n : (n <= N)%nat -> (forall i, (i <= M)%positive -> srel p RS K n (lam (a, i)) (getA OT (row_map a rows) i)) ->
  forall j, (j <= M)%positive ->
  srel p RS K n (sneg (ssum (fun cX => smul (fst cX) (ssum (fun i => smul (ev opsS c (pd i (snd cX j))) (lam (a, i))) (plist M))) RC))
    (row_rhs (slopes gs (row_map a rows)) j).
Proof.
  intros Hn IH j Hj. assert (SF := setup_facts m mem p th fields HS). destruct SF as (_ & _ & HM & HG & _ & _).
  assert (OR := HOR n Hn). assert (DR := dual_rel _ _ _ _ _ OR). apply (rel_neg OR).
  set (ZS := zip opsS M (getA opsS CS) (fun i => lam (a, i))). set (ZT := zip OT M (getA OT CM) (getA OT (row_map a rows))).
  assert (HZ : wrel (drel (srel p RS K n)) (dual opsS) (dual OT) ZS ZT).
  { intros k. unfold ZS, ZT. rewrite !getA_zip. destruct (Pos.leb_spec k M) as [L|L]; [|apply DR].
    split; cbn [fst snd]; [now apply curve_known|now apply IH]. }
  assert (HB : forall k, fst (getA (dual opsS) ZS k) O = getA opsR (point_of opsR Q2R M th) k).
  { intros k. unfold ZS. rewrite getA_zip. destruct (Pos.leb_spec k M) as [L|L].
    - exact (curve_base m th c c0 k).
    - symmetry. now apply point_low. }
  assert (Hpt := at_point_zip M opsS CS c (fun i => lam (a, i)) (CS_point m c)). fold ZS in Hpt.
  assert (CF := control_fields p fields ctl HC). revert CF. unfold RC, real_control, slopes. fold ZT. generalize ctl. intros l CF.
  induction l as [|ci l IHl]; [apply OR|]. cbn [map fold_right].
  match goal with |- srel _ _ _ _ (ssum ?f (?h :: ?t)) _ => change (ssum f (h :: t)) with (sadd (f h) (ssum f t)) end.
  apply (rel_add OR); [|apply IHl; intros ci' Hci; apply CF; now right].
  cbn [fst snd]. destruct (CF ci (or_introl eq_refl)) as [A B]. apply (rel_mul OR); [now apply csr_rel|].
  destruct (nth_fits m mem p bv depth th fields RS Hbv HS gs HGS (snd ci) A) as [FR FJ].
  assert (G : drel (srel p RS K n) (getA (dual opsS) (gradvec (dual opsS) PR (real_field (nth (snd ci) fields dfield)) ZS) j)
    (getA (dual OT) (gradvec (dual OT) PZ (nth (snd ci) gs zfield) ZT) j)).
  { apply (mrel_wrel _ _ _ _ _ DR), (gradvec_rel _ _ _ _ _ DR); [now apply gconv_rel|exact FR|exact HZ|].
    apply (jets_fits _ (dual opsS) (fun x => fst x O) _ _ _ _ _ (constant_dual opsS _ constant_S) HB). exact FJ. }
  destruct G as [_ G].
  rewrite (grad_ev M PR (dual opsS) ZS _ _ j (dual_ok opsS opsS_ok) Hpt) in G.
  rewrite (ev_dual opsS opsS_ok M c (fun k => if Pos.leb k M then lam (a, k) else scst 0)) in G
    by (intros k Hk; destruct (Pos.leb_spec k M); [lia|reflexivity]).
  cbn [snd] in G.
  match type of G with srel _ _ _ _ ?x _ => match goal with |- srel _ _ _ _ ?y _ => replace y with x; [exact G|] end end.
  apply ssum_ext. intros i Hi. apply plist_in, Pos.leb_le in Hi. now rewrite Hi.
Qed.
Lemma row_known a rows : (a <= M)%positive -> check_row gs a rows = true -> forall n, (n <= N)%nat ->
  forall i, (i <= M)%positive -> srel p RS K n (lam (a, i)) (getA OT (row_map a rows) i).
Proof.
  intros Ha HR. induction n as [|n IH]; intros Hn i Hi.
  - assert (R0 : rep p RS (lam (a, i) O) (nth 0 (getA OT (row_map a rows) i) 0%Z)).
    { unfold getA, row_map. rewrite vbuild_find. rewrite (proj2 (Pos.leb_le i M) Hi). cbn [nth]. rewrite lam0. unfold ebasis.
      destruct (Pos.eqb i a); [apply (rep_int p RS 1)|apply (rep_int p RS 0)]. }
    split; intros k Hk; replace k with 0%nat by lia; [eexists; exact R0|intros _; exact R0].
  - assert (IHn : forall i, (i <= M)%positive -> srel p RS K n (lam (a, i)) (getA OT (row_map a rows) i)) by (intros; apply IH; [lia|assumption]).
    apply (ode_step m p curve RS N n (lam (a, i)) _ _ _ Hp HU Hn (row_ode a i Hi) (rhs_known a rows n ltac:(lia) IHn i Hi) (IHn i Hi)). intros Hl.
    unfold check_row in HR. cbv zeta in HR. rewrite forallb_forall in HR. assert (Q := HR i (proj2 (plist_in M i) Hi)). rewrite forallb_forall in Q.
    specialize (Q n ltac:(apply in_seq; cbn in Hl; lia)). now apply Z.eqb_eq in Q.
Qed.
Lemma pulled_known a rows F g : (a <= M)%positive -> check_row gs a rows = true -> field_fits m mem p th RS F g ->
  srel p RS K N (pull m lam (along c (gpe M PR F)) a) (pulled (row_map a rows) (gradvec OT PZ g CM)).
Proof.
  intros Ha HR [FR FJ]. assert (SF := setup_facts m mem p th fields HS). destruct SF as (_ & _ & HM & HG & _ & _).
  assert (OR := HOR N (Nat.le_refl N)). unfold pull, pulled. fold M.
  assert (G : forall j, srel p RS K N (along c (gpe M PR F) j) (getA OT (gradvec OT PZ g CM) j)).
  { intros j. unfold along. rewrite <- (grad_ev M PR opsS CS c F j opsS_ok (CS_point m c)).
    apply (mrel_wrel _ _ _ _ _ OR), (gradvec_rel _ _ _ _ _ OR); [now apply gconv_rel|exact FR|now apply curve_known|].
    apply (jets_fits _ opsS (fun x : series => x O) _ _ _ _ _ constant_S (curve_base m th c c0)). exact FJ. }
  assert (H : forall l, (forall j, In j l -> (j <= M)%positive) -> srel p RS K N (ssum (fun i => smul (lam (a, i)) (along c (gpe M PR F) i)) l)
    (fold_right (fun j acc => addT p (mulT p K (getA OT (row_map a rows) j) (getA OT (gradvec OT PZ g CM) j)) acc) [] l)).
  { induction l as [|j l IH]; intros Hl; [apply OR|]. cbn [fold_right].
    change (ssum ?f (j :: l)) with (sadd (f j) (ssum f l)). apply (rel_add OR); [|apply IH; intros; apply Hl; now right].
    apply (rel_mul OR); [|apply G]. apply (row_known a rows Ha HR N (Nat.le_refl N)), Hl. now left. }
  apply H. intros j Hj. now apply plist_in.
Qed.
End Sound.

Lemma residue_fields_length depth l gs : residue_fields m mem p bv depth th l = Some gs -> length gs = length l.
Proof.
  revert gs; induction l as [|F l IH]; cbn [residue_fields]; intros gs H; [now injection H as <-|].
  destruct (residue_field m mem p bv depth th F); [|easy]. destruct (residue_fields m mem p bv depth th l); [|easy]. injection H as <-.
  cbn. now rewrite (IH l0 eq_refl).
Qed.
Lemma lindep_same J ws vs : Forall2 (fun w v : vec => forall i, In i J -> w i = v i) ws vs -> Rlindep J ws -> Rlindep J vs.
Proof.
  intros F H gs L C. apply H; [rewrite L; symmetry; clear -F; induction F; cbn; congruence|]. intros i Hi. refine (eq_trans _ (C i Hi)).
  clear - F Hi. unfold Rlcomb. revert gs; induction F as [|w v ws vs E F IH]; intros [|g gs]; cbn; try reflexivity. now rewrite IH, (E i Hi).
Qed.
Theorem pullback_rank_sound adjoint cols vectors r d : pullback_rank adjoint cols vectors = Some (r, d) ->
  forall s, act_derivable s -> poly_acts s mem -> lie_ge m s (qv th) r.
Proof.
  unfold pullback_rank. intros H s Hd Hm.
  match type of H with (if ?b then _ else _) = _ => destruct b eqn:E; [|easy] end.
  apply andb_prop in E as [[[[HS HC]%andb_prop Hcols]%andb_prop HL]%andb_prop HV]. apply Nat.eqb_eq in HL. rewrite forallb_forall in Hcols, HV.
  destruct (residue_fields _ _ _ _ _ _ _) as [gs|] eqn:HGS; [|easy].
  match type of H with (if ?b then _ else _) = _ => destruct b eqn:E; [|easy] end.
  apply andb_prop in E as [[HU HK]%andb_prop HR]. rewrite forallb_forall in HR. cbv zeta in H.
  destruct (elim p _ _ _) as [l|] eqn:El; [|easy]. injection H as <- _.
  destruct (curve_exists m mem th fields ctl curve) as (c & c0 & c_out & c_ode).
  destruct (rows_exist m (real_control m mem fields ctl) c) as (lam & lam0 & lam_ode).
  assert (SF := setup_facts m mem p th fields HS). destruct SF as (_ & Wf & HM & _ & _ & HF).
  set (PR := map (gconv Q2R mem) (m_prog m)).
  set (w := fun (ik : nat * nat) (a : positive) => pull m lam (along c (gpe M PR (real_field (nth (fst ik) fields dfield)))) a (snd ik)).
  assert (I : Rlindep cols (map w vectors)).
  { apply (elim_sound p RS) with (2 := El). clear El l.
    induction vectors as [|ik vs IH]; cbn [map]; constructor; [|apply IH; intros; apply HV; now right]. clear IH.
    specialize (HV ik (or_introl eq_refl)). apply andb_prop in HV as [V1 V2]. apply Nat.ltb_lt in V1, V2.
    assert (LG := residue_fields_length _ _ _ HGS).
    set (f := fun g : gfield Z => let X := gradvec OT PZ g CM in map (fun U => pulled U X) (map (fun ar => row_map (fst ar) (snd ar)) (combine cols adjoint))).
    change (relrow p RS cols (w ik) (map (fun z => nth (snd ik) z 0%Z) (nth (fst ik) (map f gs) []))).
    rewrite (nth_indep _ [] (f zfield)) by (rewrite map_length, LG; exact V1). rewrite map_nth. unfold f. cbv zeta. rewrite !map_map. clear f.
    assert (FF := nth_fits m mem p bv _ th fields RS Hbv HS gs HGS (fst ik) V1).
    clear vs. revert adjoint HL HR. unfold relrow. induction cols as [|a cs IH]; intros [|rows adjoint] HL HR; cbn [combine map]; try easy; constructor.
    - assert (Ha : (a <= M)%positive) by (apply Pos.leb_le, Hcols; now left).
      assert (Q := pulled_known s Hd Hm HS HC gs _ HGS HK HU c c0 c_out c_ode lam lam0 lam_ode a rows _ _ Ha (HR (a, rows) (or_introl eq_refl)) FF).
      destruct Q as [_ Q]. apply Q; [unfold K in V2; lia|exact V2].
    - apply IH; [intros; apply Hcols; now right|injection HL as HL; exact HL|intros ar Har; apply HR; now right]. }
  assert (X : exists Vs, length Vs = length vectors /\ (forall V, In V Vs -> lie m s V) /\
    Forall2 (fun w v : vec => forall i, In i (plist M) -> w i = v i) (map w vectors) (map (fun V : field => V (qv th)) Vs)).
  { clear I El l. induction vectors as [|ik vs IH]; [exists []; split; [easy|]; split; [easy|constructor]|].
    destruct IH as (Vs & L & HVs & F); [intros; apply HV; now right|].
    specialize (HV ik (or_introl eq_refl)). apply andb_prop in HV as [V1 _]. apply Nat.ltb_lt in V1.
    destruct (pull_coef m s (qv th) _ (real_control_lie m mem p th fields ctl s Hd Hm HS HC) c c0 c_out c_ode lam lam0 lam_ode (snd ik)
      (gpe M PR (real_field (nth (fst ik) fields dfield)))) as (V & HLV & EV).
    - apply (gpe_lie m s mem Hd Hm Wf HM). apply (field_good_ok m p), HF. now apply nth_In.
    - exists (V :: Vs). split; [cbn; now rewrite L|]. split; [intros V' [<-|H]; [exact HLV|now apply HVs]|]. cbn [map]. constructor; [|exact F].
      intros i Hi. apply EV. now apply plist_in. }
  destruct X as (Vs & L & HVs & F). exists Vs. split; [exact L|]. split; [exact HVs|]. apply (lindep_same _ _ _ F).
  apply (lindep_incl R 0 Rplus Rmult cols); [|exact I]. intros i Hi. apply plist_in. now apply Pos.leb_le, Hcols.
Qed.
End Check.
