(** * Upper bounds for the dimension of Lie(V) at a point

    Proved here, for every field W of Lie(V) (brackets included):
    - [tangent_lie]: if all gradients are tangent to an affine subspace L along L, so is W;
    - [law_lie]: if moreover grad h . grad F = 0 on L, then grad h . W = 0 on L;
    - [normals_le]: k independent vectors orthogonal to all W(u) give dimension <= M − k;
    - [check_upper_sound]: dimension <= dim L − s for s laws whose gradients are independent modulo the equations of L at the point
      (L the whole space: laws; no laws: subspace; both: laws of the flow on L). *)

From Coq Require Import List ZArith QArith Qreals Reals Lia Lra Bool FMapPositive Classical FunctionalExtensionality.
From Coquelicot Require Import Coquelicot.
From SimCert Require Import Poly Linear Expr Slp Checks Flow Lie Orbit Words Gradient Dimension ModP.
Import ListNotations.
Local Open Scope R_scope.

(** an affine subspace {c . theta = q}: rows with a coordinate that the row is solved for (coefficient 1) *)
Record arow := { a_row : row; a_const : Q; a_piv : positive }.
Definition in_aff (L : list arow) (u : vec) : Prop := forall c, In c L -> dot (a_row c) u = Q2R (a_const c).
Definition row_le (M : positive) (c : row) : bool := forallb (fun t => Pos.leb (fst t) M) c.
Definition tangent (m : model) (s : positive -> bool -> R -> R) (L : list arow) : Prop :=
  forall u, in_aff L u -> forall x o c, In o (m_outs m) -> In c L -> dot (a_row c) (grad s (out m o) x u) = 0.
Definition conserved_on (m : model) (s : positive -> bool -> R -> R) (L : list arow) (h : poly) : Prop :=
  forall u, in_aff L u -> forall x o, In o (m_outs m) -> pdot (m_nparams m) (dh h u) (grad s (out m o) x u) = 0.

Lemma dot_le M c v w : row_le M c = true -> (forall i, (i <= M)%positive -> v i = w i) -> dot c v = dot c w.
Proof. exact (dot_ext_le M c v w). Qed.
Lemma is_derive_dot_le M c (f : R -> vec) t v : row_le M c = true -> (forall i, (i <= M)%positive -> is_derive (fun t => f t i) t (v i)) ->
  is_derive (fun t => dot c (f t)) t (dot c v).
Proof.
  intros H D; induction c as [|[i q] c IH]; cbn [dot]; [apply @is_derive_const|].
  cbn in H. apply andb_prop in H as [H1 H2]. apply @is_derive_plus; [|now apply IH]. apply is_derive_scal, D. now apply Pos.leb_le.
Qed.
Definition cut (M : positive) (v : vec) : vec := fun k => if Pos.leb k M then v k else 0.
Lemma cut_out M v k : (M < k)%positive -> cut M v k = 0.
Proof. intros H. unfold cut. destruct (Pos.leb_spec k M); [lia|easy]. Qed.
Lemma cut_in M v k : (k <= M)%positive -> cut M v k = v k.
Proof. intros H. unfold cut. apply Pos.leb_le in H. now rewrite H. Qed.
Definition line (u v : vec) (t : R) : vec := fun k => u k + t * v k.
Lemma line_0 u v : line u v 0 = u.
Proof. apply functional_extensionality. intros k. unfold line. ring. Qed.

Lemma poly_line M u (v : vec) q : (forall k, (M < k)%positive -> v k = 0) ->
  is_derive (fun t => peval (line u v t) q) 0 (lsum (map (fun j => v j * peval u (pderiv j q)) (plist M))).
Proof.
  intros Hv. set (s := fun (_ : positive) (_ : bool) (_ : R) => 0).
  assert (Hd : act_derivable s) by (intros k t; apply @is_derive_const).
  apply is_derive_ext with (f := fun t => evalE s (line u v t) (fun _ => 0) (poly_expr q)); [intros; apply poly_expr_eval|].
  assert (D := chain s Hd (line u v) v (fun _ => 0) 0 (poly_expr q)).
  match type of D with _ -> is_derive _ _ ?l => match goal with |- is_derive _ _ ?l' => replace l' with l; [apply D|] end end.
  - intros k. unfold line. auto_derive; [easy|ring].
  - rewrite line_0. rewrite (tanE_ext s u u (fun _ => 0) (fun _ => 0) v (fun k => lsum (map (fun j => v j * ebasis j k) (plist M))))
      by (auto; intros; symmetry; now apply sum_basis_all).
    rewrite tanE_lsum. apply lsum_eq. intros j _. f_equal. rewrite <- partial_tan by exact Hd.
    rewrite <- dh_ok. apply Derive_ext. intros. apply poly_expr_eval.
Qed.
Lemma pderiv_sym u i j h : peval u (pderiv j (pderiv i h)) = peval u (pderiv i (pderiv j h)).
Proof.
  set (s := fun (_ : positive) (_ : bool) (_ : R) => 0).
  assert (Hd : act_derivable s) by (intros k t; apply @is_derive_const).
  assert (G : forall i j, peval u (pderiv j (pderiv i h)) = tan2 s u (fun _ => 0) (ebasis i) (ebasis j) (poly_expr h)).
  { intros a b. rewrite <- (is_derive_unique _ _ _ (is_derive_poly u b (pderiv a h))). apply is_derive_unique.
    apply is_derive_ext with (f := fun t => tanE s (upd u b t) (fun _ => 0) (ebasis a) (poly_expr h)).
    - intros t. rewrite <- dh_ok, <- partial_tan by exact Hd. apply Derive_ext. intros. apply poly_expr_eval.
    - apply tan2_derive; [exact Hd|apply poly_expr_noact]. }
  rewrite !G. apply tan2_sym.
Qed.

Section UpperBounds.
Variables (m : model) (s : positive -> bool -> R -> R).
Let M := m_nparams m.
Variable L : list arow.
Hypothesis HL : forall c, In c L -> row_le M (a_row c) = true.
Hypothesis HT : tangent m s L.

Lemma line_in_L u (v : vec) t : in_aff L u -> (forall c, In c L -> dot (a_row c) v = 0) -> in_aff L (line u (cut M v) t).
Proof.
  intros Hu Hv c Hc. unfold line. rewrite dot_plus, dot_scal, (Hu c Hc).
  rewrite (dot_le M (a_row c) (cut M v) v (HL c Hc)) by (intros; now apply cut_in). rewrite (Hv c Hc). ring.
Qed.
Lemma line_derive (W : field) u (v : vec) i : smooth1 m W -> (i <= M)%positive ->
  is_derive (fun t => W (line u (cut M v) t) i) 0 (lsum (map (fun j => v j * partial (fun t => W t i) j u) (plist M))).
Proof.
  intros HW Hi. destruct (HW u i Hi) as [_ D]. specialize (D (cut M v) (cut_out M v)).
  rewrite (lsum_eq _ (fun j => cut M v j * partial (fun t => W t i) j u)); [exact D|].
  intros j Hj. apply plist_in in Hj. now rewrite cut_in.
Qed.

Theorem tangent_lie V : lie m s V -> forall u, in_aff L u -> forall c, In c L -> dot (a_row c) (V u) = 0.
Proof.
  induction 1 as [o x Ho|a b V W _ IHV _ IHW|V W _ IHV _ IHW SV SW|V W E _ IHV]; intros u Hu c Hc.
  - now apply HT.
  - rewrite (dot_plus _ (fun i => a * V u i) (fun i => b * W u i)), !dot_scal, IHV, IHW by auto. ring.
  - assert (G : forall (X Y : field), smooth1 m Y -> (forall u, in_aff L u -> forall c, In c L -> dot (a_row c) (X u) = 0) ->
       (forall u, in_aff L u -> forall c, In c L -> dot (a_row c) (Y u) = 0) ->
       dot (a_row c) (fun i => lsum (map (fun j => X u j * partial (fun t => Y t i) j u) (plist M))) = 0).
    { intros X Y SY HX HY.
      assert (D : is_derive (fun t => dot (a_row c) (Y (line u (cut M (X u)) t))) 0
        (dot (a_row c) (fun i => lsum (map (fun j => X u j * partial (fun t => Y t i) j u) (plist M))))).
      { apply (is_derive_dot_le M); [now apply HL|]. intros i Hi. now apply line_derive. }
      rewrite <- (is_derive_unique _ _ _ D). apply is_derive_unique.
      apply is_derive_ext with (f := fun _ => 0); [|apply @is_derive_const].
      intros t. symmetry. apply HY; [|exact Hc]. apply line_in_L; [exact Hu|]. intros c' Hc'. now apply HX. }
    rewrite (dot_ext _ _ (fun i => 1 * lsum (map (fun j => V u j * partial (fun t => W t i) j u) (plist M)) +
       (-1) * lsum (map (fun j => W u j * partial (fun t => V t i) j u) (plist M)))).
    + rewrite (dot_plus _ (fun i => 1 * lsum _) (fun i => (-1) * lsum _)), !dot_scal, (G V W), (G W V) by auto. ring.
    + intros i. unfold bracket. rewrite <- !lsum_scal, <- lsum_plus. apply lsum_eq. intros; ring.
  - rewrite <- (IHV u Hu c Hc). symmetry. apply (dot_le M); [now apply HL|]. intros i Hi. now apply E.
Qed.

Theorem law_lie h : conserved_on m s L h -> forall V, lie m s V -> forall u, in_aff L u -> pdot M (dh h u) (V u) = 0.
Proof.
  intros Hh V HV. assert (T := tangent_lie).
  induction HV as [o x Ho|a b V W HV IHV HW IHW|V W HV IHV HW IHW SV SW|V W E HV IHV]; intros u Hu.
  - now apply Hh.
  - unfold pdot in *. rewrite (lsum_eq _ (fun i => a * (dh h u i * V u i) + b * (dh h u i * W u i))) by (intros; ring).
    rewrite lsum_plus, !lsum_scal, IHV, IHW by auto. ring.
  - set (H2 := fun i j => peval u (pderiv j (pderiv i h))).
    assert (G : forall X Y : field, lie m s X -> smooth1 m Y -> (forall u, in_aff L u -> pdot M (dh h u) (Y u) = 0) ->
       lsum (map (fun i => dh h u i * lsum (map (fun j => X u j * partial (fun t => Y t i) j u) (plist M))) (plist M)) =
       - lsum (map (fun i => lsum (map (fun j => H2 i j * X u j * Y u i) (plist M))) (plist M))).
    { intros X Y LX SY HY.
      assert (D : is_derive (fun t => pdot M (dh h (line u (cut M (X u)) t)) (Y (line u (cut M (X u)) t))) 0
        (lsum (map (fun i => lsum (map (fun j => X u j * H2 i j) (plist M)) * Y u i +
            dh h u i * lsum (map (fun j => X u j * partial (fun t => Y t i) j u) (plist M))) (plist M)))).
      { apply (is_derive_lsum (fun i t => dh h (line u (cut M (X u)) t) i * Y (line u (cut M (X u)) t) i)). intros i Hi. apply plist_in in Hi.
        assert (Dh : is_derive (fun t => dh h (line u (cut M (X u)) t) i) 0 (lsum (map (fun j => X u j * H2 i j) (plist M)))).
        { apply is_derive_ext with (f := fun t => peval (line u (cut M (X u)) t) (pderiv i h)); [intros; symmetry; apply dh_ok|].
          rewrite (lsum_eq _ (fun j => cut M (X u) j * peval u (pderiv j (pderiv i h)))); [apply poly_line, cut_out|].
          intros j Hj. apply plist_in in Hj. now rewrite cut_in. }
        assert (K := is_derive_mult (fun t => dh h (line u (cut M (X u)) t) i) (fun t => Y (line u (cut M (X u)) t) i) 0 _ _ Dh (line_derive Y u (X u) i SY
          Hi) (fun n m => Rmult_comm n m)).
        cbv beta in K. rewrite line_0 in K. exact K. }
      assert (D0 : is_derive (fun t => pdot M (dh h (line u (cut M (X u)) t)) (Y (line u (cut M (X u)) t))) 0 0).
      { apply is_derive_ext with (f := fun _ => 0); [|apply @is_derive_const]. intros t. symmetry. apply HY. apply line_in_L; [exact Hu|].
        intros c Hc. now apply (T X). }
      assert (E := is_derive_unique _ _ _ D). rewrite (is_derive_unique _ _ _ D0) in E. rewrite lsum_plus in E.
      rewrite (lsum_eq (fun i => lsum (map (fun j => H2 i j * X u j * Y u i) (plist M))) (fun i => lsum (map (fun j => X u j * H2 i j) (plist M)) * Y u
        i)); [lra|].
      intros i _. rewrite Rmult_comm, <- lsum_scal. apply lsum_eq. intros; ring. }
    unfold pdot, bracket.
    rewrite (lsum_eq _ (fun i => dh h u i * lsum (map (fun j => V u j * partial (fun t => W t i) j u) (plist M)) +
       (-1) * (dh h u i * lsum (map (fun j => W u j * partial (fun t => V t i) j u) (plist M))))).
    2:{ intros i _. transitivity (dh h u i * (lsum (map (fun j => V u j * partial (fun t => W t i) j u) (plist M)) + (-1) * lsum (map (fun j => W u j *
      partial (fun t => V t i) j u) (plist M)))); [|ring].
        f_equal. rewrite <- lsum_scal, <- lsum_plus. apply lsum_eq. intros; ring. }
    rewrite lsum_plus, lsum_scal, (G V W), (G W V) by auto.
    assert (Sw : lsum (map (fun i => lsum (map (fun j => H2 i j * W u j * V u i) (plist M))) (plist M)) =
      lsum (map (fun i => lsum (map (fun j => H2 i j * V u j * W u i) (plist M))) (plist M))).
    { rewrite (lsum_swap (fun i j => H2 i j * W u j * V u i)). apply lsum_eq. intros i _. apply lsum_eq. intros j _.
      unfold H2. rewrite (pderiv_sym u i j). ring. }
    rewrite Sw. ring.
  - unfold pdot in *. rewrite <- (IHV u Hu). apply lsum_eq. intros i Hi. apply plist_in in Hi. now rewrite E.
Qed.
End UpperBounds.

(** ** Counting *)
Definition Ipdot (I : list positive) (v w : vec) : R := lsum (map (fun i => v i * w i) I).
Lemma Ipdot_lcomb_r I v gs rows : (forall r, In r rows -> Ipdot I v r = 0) -> Ipdot I v (Rlcomb gs rows) = 0.
Proof.
  unfold Ipdot, Rlcomb. revert gs; induction rows as [|r rows IH]; intros [|g gs] H; cbn [lcomb]; try (apply lsum_0; intros; ring).
  rewrite (lsum_eq _ (fun i => g * (v i * r i) + v i * lcomb R 0 Rplus Rmult gs rows i)) by (intros; ring).
  rewrite lsum_plus, lsum_scal, (H r) by (simpl; auto). rewrite (IH gs) by (intros; apply H; simpl; auto). ring.
Qed.
Lemma Ipdot_comm I v w : Ipdot I v w = Ipdot I w v.
Proof. apply lsum_eq. intros; ring. Qed.
Lemma Ipdot_self I v : Ipdot I v v = 0 -> forall i, In i I -> v i = 0.
Proof.
  intros H i Hi. assert (0 <= v i * v i) by apply Rle_0_sqr.
  assert (v i * v i <= Ipdot I v v) by (apply (lsum_mem (fun i => v i * v i)); [intros; apply Rle_0_sqr|exact Hi]).
  apply Rsqr_0_uniq. unfold Rsqr. lra.
Qed.
Lemma orthogonal_indep I ns vs : Rlindep I ns -> Rlindep I vs -> (forall n v, In n ns -> In v vs -> Ipdot I n v = 0) -> Rlindep I (ns ++ vs).
Proof.
  intros Hn Hv O gs Lg C. set (g1 := firstn (length ns) gs). set (g2 := skipn (length ns) gs).
  assert (E : gs = g1 ++ g2) by (symmetry; apply firstn_skipn). rewrite app_length in Lg.
  assert (L1 : length g1 = length ns) by (unfold g1; rewrite firstn_length; lia).
  assert (L2 : length g2 = length vs) by (unfold g2; rewrite skipn_length; lia). clearbody g1 g2. subst gs.
  assert (S : forall i, In i I -> Rlcomb g1 ns i + Rlcomb g2 vs i = 0).
  { intros i Hi. rewrite <- (C i Hi). symmetry. apply (lcomb_app R 0 1 Rplus Rmult Rminus Ropp R_ring). exact L1. }
  assert (Z : forall i, In i I -> Rlcomb g1 ns i = 0).
  { apply Ipdot_self. assert (X : Ipdot I (Rlcomb g1 ns) (Rlcomb g2 vs) = 0).
    { apply Ipdot_lcomb_r. intros v Hvi. rewrite Ipdot_comm. apply Ipdot_lcomb_r. intros n Hni. rewrite Ipdot_comm. now apply O. }
    unfold Ipdot in *. rewrite (lsum_eq _ (fun i => (-1) * (Rlcomb g1 ns i * Rlcomb g2 vs i))); [rewrite lsum_scal, X; ring|].
    intros i Hi. specialize (S i Hi). assert (Y : Rlcomb g1 ns i = - Rlcomb g2 vs i) by lra. rewrite Y at 2. ring. }
  apply List.Forall_app. split; [now apply Hn|]. apply Hv; [exact L2|]. intros i Hi. specialize (S i Hi). rewrite (Z i Hi) in S.
  unfold Rlcomb in S. lra.
Qed.
Theorem normals_le m s u ns : Rlindep (plist (m_nparams m)) ns -> (forall V n, lie m s V -> In n ns -> pdot (m_nparams m) n (V u) = 0) ->
  lie_le m s u (Pos.to_nat (m_nparams m) - length ns).
Proof.
  intros Hn O Fs HF HI.
  assert (K : Rlindep (plist (m_nparams m)) (ns ++ map (fun V => V u) Fs)).
  { apply orthogonal_indep; auto. intros n v Hni Hvi. apply in_map_iff in Hvi as (V & <- & HV). now apply O; [apply HF|]. }
  apply Rlindep_le in K. rewrite app_length, map_length, plist_length in K. unfold field, dvec, vec in *. lia.
Qed.

(** ** Checks *)
(** on L a parameter is its own value minus the equation it is solved for: the identity on L *)
Fixpoint aproj (L : list arow) (u : vec) (i : positive) : R :=
  match L with
  | [] => u i
  | c :: L' => if Pos.eqb i (a_piv c) then u i - (dot (a_row c) u - Q2R (a_const c)) else aproj L' u i
  end.
Definition amap (L : list arow) : PM.t poly :=
  fold_right (fun c mp => PM.add (a_piv c) (psub (pvar (vT (a_piv c))) (psub (row_poly (a_row c)) (pcst (a_const c)))) mp) (PM.empty _) L.
Definition aleaf (mp : PM.t poly) (i : positive) : poly := match PM.find i mp with Some q => q | None => idT i end.
Lemma aleaf_ok u x at_ L i : peval (val u x at_) (aleaf (amap L) i) = aproj L u i.
Proof.
  unfold aleaf. induction L as [|c L IH]; cbn [amap fold_right aproj].
  - rewrite PM.gempty. unfold idT. now rewrite pvar_ok.
  - destruct (Pos.eqb_spec i (a_piv c)) as [->|N].
    + rewrite PM.gss, !psub_ok, pvar_ok, row_poly_ok, pcst_ok. reflexivity.
    + rewrite PM.gso by auto. exact IH.
Qed.
Lemma aproj_fix L u : in_aff L u -> forall i, aproj L u i = u i.
Proof.
  induction L as [|c L IH]; intros H i; cbn [aproj]; [easy|]. destruct (Pos.eqb i (a_piv c)).
  - rewrite (H c) by (simpl; auto). ring.
  - apply IH. intros c' Hc'; apply H; simpl; auto.
Qed.
(** composition of a polynomial in raw variables with the leaves *)
Definition psubst (f : positive -> poly) (p : poly) : poly :=
  psum (map (fun t => pscal (snd t) (fold_right (fun ve acc => Nat.iter (Pos.to_nat (snd ve)) (pmul (f (fst ve))) acc) (pcst 1) (fst t))) p).
Lemma psubst_ok r f u p : (forall i, peval r (f i) = u i) -> peval r (psubst f p) = peval u p.
Proof.
  intros H. unfold psubst. rewrite psum_ok, map_map. unfold lsum. induction p as [|[mo c] p IH]; cbn [map fold_right peval fst snd]; [easy|].
  rewrite IH, pscal_ok. f_equal. f_equal. clear IH. induction mo as [|[v e] mo IHm]; cbn [fold_right meval fst snd]; [rewrite pcst_ok; apply Q2R_1|].
  rewrite <- IHm. generalize (fold_right (fun ve acc => Nat.iter (Pos.to_nat (snd ve)) (pmul (f (fst ve))) acc) (pcst 1) mo). intros q.
  induction (Pos.to_nat e) as [|n IHn]; cbn [Nat.iter nat_rect pow]; [ring|]. unfold Nat.iter in IHn. rewrite pmul_ok, IHn, H. ring.
Qed.
Definition rows_ok (m : model) (L : list arow) : bool := forallb (fun c => row_le (m_nparams m) (a_row c)) L.
Definition check_tangent (m : model) (L : list arow) : bool :=
  wf_model m &&
  let mp := amap L in
  let S := run1 m {| lT := aleaf mp; lX := idX |} in
  forallb (fun c => let rm := row_map (a_row c) in let T := exec_tan (getP rm) (par_of m) S 1 (m_prog m) (PM.empty _) in
    forallb (fun o => pis0 (getP T o)) (m_outs m)) L.
Definition check_law_on (m : model) (L : list arow) (h : poly) : bool :=
  wf_model m && pvars_le (m_nparams m) h &&
  let mp := amap L in
  let T := tan1 m {| lT := aleaf mp; lX := idX |} (fun i => psubst (aleaf mp) (pderiv i h)) in
  forallb (fun o => pis0 (getP T o)) (m_outs m).
Lemma aleaves_den L u x : leaves_den {| lT := aleaf (amap L); lX := idX |} u x (aproj L u) x.
Proof. intros at_; split; intros i; cbn [lT lX]; [apply aleaf_ok|unfold idX; now rewrite pvar_ok]. Qed.

Theorem check_tangent_sound m L : check_tangent m L = true -> forall s, acts_adm m s -> tangent m s L.
Proof.
  unfold check_tangent. intros H s [Hd Hp] u Hu x o c Ho Hc. apply andb_prop in H as [W H]. cbv zeta in H.
  rewrite forallb_forall in H. specialize (H c Hc). cbv zeta in H. rewrite forallb_forall in H. specialize (H o Ho).
  rewrite dot_grad by exact Hd.
  assert (K := tan1_ok m _ s Hp W u x (aproj L u) x (aleaves_den L u x) (getP (row_map (a_row c))) (rowvec (a_row c)) (fun i => row_map_ok _ (a_row c) i) o
    Ho).
  unfold tan1 in K. rewrite pis0_ok in K by exact H. rewrite K. apply tanE_ext; auto. intros i. symmetry. now apply aproj_fix.
Qed.
Theorem check_law_on_sound m L h : check_law_on m L h = true -> forall s, acts_adm m s -> conserved_on m s L h.
Proof.
  unfold check_law_on. intros H s [Hd Hp] u Hu x o Ho. apply andb_prop in H as [[W V]%andb_prop H]. cbv zeta in H.
  rewrite forallb_forall in H. specialize (H o Ho).
  assert (K := tan1_ok m _ s Hp W u x (aproj L u) x (aleaves_den L u x) (fun i => psubst (aleaf (amap L)) (pderiv i h)) (dh h (aproj L u))).
  assert (K1 : forall i, peval (rho1 m s u x (aproj L u) x) (psubst (aleaf (amap L)) (pderiv i h)) = dh h (aproj L u) i).
  { intros i. rewrite dh_ok. apply psubst_ok. intros j. unfold rho1. apply aleaf_ok. }
  specialize (K K1 o Ho). rewrite pis0_ok in K by exact H.
  assert (E : aproj L u = u) by (apply functional_extensionality; now apply aproj_fix). rewrite E in K.
  rewrite (tan_expand s (m_nparams m)) in K by (apply params_unroll; auto; now apply wf_out).
  rewrite K at 1. unfold pdot. apply lsum_eq. intros i _. f_equal. unfold grad. now rewrite partial_tan.
Qed.
(** the invariance check of the first format gives the same for linear subspaces *)
Lemma claim_inv_tangent m C : claim_inv m C -> forall s, acts_adm m s ->
  tangent m s (map (fun c => {| a_row := c_row c; a_const := 0; a_piv := c_piv c |}) C).
Proof.
  intros H s Ha u Hu x o c Ho Hc. apply in_map_iff in Hc as (c0 & <- & Hc0). cbn [a_row].
  apply (H s Ha u); auto. intros c' Hc'. specialize (Hu {| a_row := c_row c'; a_const := 0; a_piv := c_piv c' |}). cbn in Hu.
  rewrite Hu; [apply Q2R_0|]. apply in_map_iff. now exists c'.
Qed.

(** the matrix of the equations of L and of the gradients of the chosen laws, in the pivots' columns and the columns listed: its
    determinant is the one of the derivatives of the laws by the free coordinates of L *)
Definition normal_rows (p : Z) (L : list arow) (laws : list poly) (th : qvec) (cols : list positive) : list (list Z) :=
  map (fun c => map (fun i => qmod p (coef (a_row c) i)) cols) L ++ map (fun h => map (fun i => qmod p (pevalQ th (pderiv i h))) cols) laws.
Definition normals_good (p : Z) (L : list arow) (laws : list poly) (th : qvec) (cols : list positive) : bool :=
  forallb (fun c => forallb (fun i => qgood p (coef (a_row c) i)) cols) L && forallb (fun h => forallb (fun i => qgood p (pevalQ th (pderiv i h))) cols) laws.
(** [laws]: those whose gradients are counted (conserved by [law_ok]) *)
Definition upper_det (m : model) (L : list arow) (laws : list poly) (th : qvec) (p : Z) (cols : list positive) : option Z :=
  let all := map a_piv L ++ cols in
  if Z.ltb 1 p && rows_ok m L && forallb (fun c => qzero (qadd (qdot (a_row c) th) (qopp (a_const c)))) L
     && forallb (fun c => Pos.leb c (m_nparams m)) all && normals_good p L laws th all
  then match elim p (fuel_of p) (length L + length laws) (normal_rows p L laws th all) with Some l => Some (det_of p l) | None => None end
  else None.
Definition upper_value (m : model) (L : list arow) (laws : list poly) : nat := Pos.to_nat (m_nparams m) - length L - length laws.

Theorem upper_det_sound m L laws th p cols d : upper_det m L laws th p cols = Some d ->
  forall s, tangent m s L -> (forall h, In h laws -> conserved_on m s L h) -> lie_le m s (qv th) (upper_value m L laws).
Proof.
  unfold upper_det. intros H s HT HC. cbv zeta in H. set (all := map a_piv L ++ cols) in *. set (M := m_nparams m) in *.
  destruct (Z.ltb 1 p && rows_ok m L && forallb (fun c => qzero (qadd (qdot (a_row c) th) (qopp (a_const c)))) L
     && forallb (fun c => Pos.leb c M) all && normals_good p L laws th all) eqn:E; [|easy].
  apply andb_prop in E as [[[[Hp HR]%andb_prop HI]%andb_prop HCol]%andb_prop HG]. apply Z.ltb_lt in Hp.
  unfold rows_ok in HR. rewrite forallb_forall in HR, HI, HCol.
  destruct (elim p _ _ _) as [l|] eqn:El; [|easy]. clear H d.
  assert (Hin : in_aff L (qv th)).
  { intros c Hc. specialize (HI c Hc). apply qzero_ok in HI. rewrite qadd_ok, qopp_ok, qdot_ok in HI. lra. }
  set (ns := map (fun c i => dot (a_row c) (ebasis i)) L ++ map (fun h => dh h (qv th)) laws : list vec).
  assert (Len : length ns = (length L + length laws)%nat) by (unfold ns; now rewrite app_length, !map_length).
  replace (upper_value m L laws) with (Pos.to_nat M - length ns)%nat by (unfold upper_value; fold M; rewrite Len; lia).
  apply normals_le; fold M.
  - apply (lindep_incl R 0 Rplus Rmult all).
    + intros i Hi. apply plist_in. now apply Pos.leb_le, HCol.
    + apply (elim_sound p (rational_residues p Hp)) with (2 := El). unfold ns, normal_rows. unfold normals_good in HG. apply andb_prop in HG as [G1 G2]. apply Forall2_app.
      * clearbody all. clear - G1 Hp. induction L as [|c L IH]; cbn [map forallb] in *; [constructor|]. apply andb_prop in G1 as [A B].
        constructor; [|now apply IH].
        clear IH B. unfold relrow. induction all as [|i l IHl]; cbn [map forallb] in *; [constructor|]. apply andb_prop in A as [A1 A2].
          constructor; [|now apply IHl].
        rewrite <- coef_ok. now apply qmod_ok.
      * clearbody all. clear - G2 Hp. induction laws as [|h laws IH]; cbn [map forallb] in *; [constructor|]. apply andb_prop in G2 as [A B].
        constructor; [|now apply IH].
        clear IH B. unfold relrow. induction all as [|i l IHl]; cbn [map forallb] in *; [constructor|]. apply andb_prop in A as [A1 A2].
          constructor; [|now apply IHl].
        rewrite dh_ok, <- pevalQ_ok. now apply qmod_ok.
  - intros V n HV Hn. apply in_app_or in Hn as [Hn|Hn].
    + apply in_map_iff in Hn as (c & <- & Hc). unfold pdot.
      rewrite <- (tangent_lie m s L HR HT V HV (qv th) Hin c Hc).
      specialize (HR c Hc). clear - HR. fold M in HR. revert HR. generalize (a_row c). intros r. unfold row_le.
      induction r as [|[i q] r IH]; cbn [dot forallb fst]; intros H; [apply lsum_0; intros; ring|]. apply andb_prop in H as [H1 H2].
      rewrite <- (IH H2). rewrite (lsum_eq _ (fun j => Q2R q * (V (qv th) j * ebasis j i) + dot r (ebasis j) * V (qv th) j)).
      * rewrite lsum_plus, lsum_scal, (sum_basis (V (qv th)) i); [reflexivity|apply plist_nodup|apply plist_in; now apply Pos.leb_le].
      * intros; ring.
    + apply in_map_iff in Hn as (h & <- & Hh). now apply (law_lie m s L HR HT h (HC h Hh)).
Qed.
(** everything by expansion in normal form; the subspace and the laws are as in the certificate *)
Definition check_upper (m : model) (L : list arow) (laws : list poly) (th : qvec) (p : Z) (cols : list positive) (det : Z) : bool :=
  check_tangent m L && forallb (check_law_on m L) laws && match upper_det m L laws th p cols with Some d => Z.eqb d det | None => false end.
Theorem check_upper_sound m L laws th p cols det : check_upper m L laws th p cols det = true ->
  forall s, acts_adm m s -> lie_le m s (qv th) (upper_value m L laws).
Proof.
  unfold check_upper. intros H s Ha. apply andb_prop in H as [[H1 H2]%andb_prop H3]. rewrite forallb_forall in H2.
  destruct (upper_det m L laws th p cols) as [d|] eqn:E; [|easy].
  apply (upper_det_sound m L laws th p cols d E); [now apply check_tangent_sound|]. intros h Hh. now apply check_law_on_sound, Ha; apply H2.
Qed.
